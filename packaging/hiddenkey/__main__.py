from hiddenkey import main

main()

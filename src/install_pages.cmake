# At `cmake --install`: the manual pages and the completions of the shells, as the program itself writes them.
# PROGRAM is the built program.
set(share "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share")

function(write_page file)
  execute_process(COMMAND "${PROGRAM}" ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE "${share}/${file}" "${text}")
  message(STATUS "Installing: ${share}/${file}")
endfunction()

write_page(man/man1/hiddenkey.1 man)
execute_process(COMMAND "${PROGRAM}" man OUTPUT_VARIABLE overview)
string(REGEX MATCHALL "hiddenkey\\\\-[a-z]+ \\(1\\)" commands "${overview}")
foreach(command IN LISTS commands)
  string(REGEX REPLACE "hiddenkey\\\\-([a-z]+) .*" "\\1" command "${command}")
  write_page(man/man1/hiddenkey-${command}.1 man ${command})
endforeach()
write_page(bash-completion/completions/hiddenkey completion bash)
write_page(zsh/site-functions/_hiddenkey completion zsh)
write_page(fish/vendor_completions.d/hiddenkey.fish completion fish)

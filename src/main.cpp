#include "cli/program.h"

int main(int argc, char** argv) { return hiddenkey::run_program(argc, argv); }

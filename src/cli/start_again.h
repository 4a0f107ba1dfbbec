/* start_again.h - what libraries ask of the environment while they are loaded, before main. Inside cli/ only. */
#ifndef MQ_CLI_START_AGAIN_H
#define MQ_CLI_START_AGAIN_H

/* Start this program again with a variable of the environment set. Returns when it is set already, to whatever it is, or starting again
 * fails. Call it before anything was opened. */
void start_again_with(const char *variable, const char *value, char **argv);

#endif

/* blas_core.h - OpenBLAS with the kernels that fit the processor. */
#ifndef MQ_CLI_BLAS_CORE_H
#define MQ_CLI_BLAS_CORE_H

/* Start this program again with OPENBLAS_CORETYPE set, when OpenBLAS chose kernels that are too narrow (it
 * chooses while it is loaded, before main). Returns when there is nothing to do: the choice is right, the variable is
 * set already, or starting again fails. Call it before anything was opened. */
void blas_core_choose(char **argv);

#endif

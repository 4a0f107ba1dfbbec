/* faults.h - a disk that refuses. faults.c stands in front of the system calls that write, for this program and
 * the libraries it has loaded; only files below one folder count. */
#ifndef MQ_TEST_STORE_FAULTS_H
#define MQ_TEST_STORE_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

/* The k-th call from now (from 1) fails with `error`; a write is cut short first, and the next one fails. With
 * `on`, so do all that follow, but what needs no space (shortening a file) goes through when the
 * error is ENOSPC. k = 0: only count. */
void faults_arm(const char *folder, size_t k, int error, bool on);
void faults_disarm(void);
/* Calls since faults_arm. */
size_t faults_calls(void);

#endif

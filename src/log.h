/* SPDX-License-Identifier: BSD-2-Clause */
/* The programs' own diagnostics: one line each on standard error. */
#ifndef PIDTREED_LOG_H
#define PIDTREED_LOG_H

enum log_level { LOG_L_ERROR, LOG_L_WARN, LOG_L_INFO, LOG_L_DEBUG };

/* In the journal (JOURNAL_STREAM is standard error) lines begin with "<N>". */
void log_open(const char *progname, enum log_level);
/* Adds "progname: " in front and a newline; message as in STYLE:
   lower case, place first, no full stop. */
void log_error(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));

#endif

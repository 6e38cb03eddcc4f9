/* SPDX-License-Identifier: BSD-2-Clause */
/* Diagnostics on standard error; see log.h. */
#include "log.h"

#include <sys/stat.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

static const char *name = "pidtreed";
static enum log_level level = LOG_L_INFO;
static int journal;

/* Is standard error the journal?  The variable goes down to children, whose
   standard error may be another file (systemd.exec(5)). */
static int
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev &&
	    st.st_ino == ino;
}

void
log_open(const char *progname, enum log_level l)
{
	name = progname;
	level = l;
	journal = is_journal();
}

static void
vlog(enum log_level l, const char *fmt, va_list ap)
{
	static const int syslog_level[] = { 3, 4, 6, 7 };
	char line[2048], *p;
	size_t n;

	if (l > level)
		return;
	vsnprintf(line, sizeof(line), fmt, ap);
	/* A file's name may be anything; the line may end in a terminal. */
	for (p = line; *p != '\0'; p += n)
		if ((n = text_char(p, strlen(p))) == 0) {
			*p = '?';
			n = 1;
		}
	if (journal)
		fprintf(stderr, "<%d>%s\n", syslog_level[l], line);
	else
		fprintf(stderr, "%s: %s\n", name, line);
}

#define LOG(fn, l)				\
void						\
fn(const char *fmt, ...)			\
{						\
	va_list ap;				\
						\
	va_start(ap, fmt);			\
	vlog(l, fmt, ap);			\
	va_end(ap);				\
}

LOG(log_error, LOG_L_ERROR)
LOG(log_warn, LOG_L_WARN)
LOG(log_info, LOG_L_INFO)
LOG(log_debug, LOG_L_DEBUG)

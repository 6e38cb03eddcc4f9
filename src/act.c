/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pidtree act: rsyslogd's omprog hands it lines, and for each raised event in
 * them a command is run, or the process stopped or killed.  rsyslogd is
 * answered before that; it never waits for an action.
 */
#include "act.h"

#include <sys/signalfd.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act_impl.h"
#include "fields.h"
#include "log.h"
#include "number.h"
#include "option.h"

enum {
	OPTION_STOP = OPTION_OWN, OPTION_KILL, OPTION_ALL, OPTION_ECS,
	OPTION_CHAT, OPTION_WHERE, OPTION_MAX_AGE, OPTION_TIMEOUT, OPTION_JOBS,
	OPTION_WAITING, OPTION_OUTPUT,
};

static const char usage[] =
"usage: pidtree act [--stop | --kill] [--where=EXPRESSION] [--all]\n"
"                   [--max-age=SECONDS] [-- COMMAND [ARGUMENT...]]\n"
"\n"
"Acts on the raised events in the lines that rsyslogd's omprog hands it.\n"
"COMMAND gets the event as JSON on standard input and its fields in the\n"
"environment; no shell comes between.  Without any of COMMAND, --stop and\n"
"--kill it says what could be done.\n"
"\n"
"      --stop            stop the process that made the connection\n"
"      --kill            kill it\n"
"      --where=EXPRESSION   only events that this is true of; pidtree(1)\n"
"      --all             also events that no rule has raised\n"
"      --max-age=SECONDS leave alone what is older (60); 0: any age\n"
"      --timeout=SECONDS a command may take (10)\n"
"      --jobs=N          commands at once (4)\n"
"      --waiting=N       events that wait for one; more are let go (100)\n"
"      --output=BYTES    of what a command writes (4096)\n"
"      --ecs             standard input by the Elastic Common Schema\n"
"      --chat            standard input as chat systems' webhooks want it\n"
"  -h, --help            this text\n"
"      --version         the version of pidtree\n"
"\n"
"Exit status: 0 at the end of the input, 2 trouble.\n";

static bool
take_number(const char *what, const char *arg, uint64_t min, uint64_t max,
    uint64_t *n)
{
	if (number_parse(arg, strlen(arg), max, n) == 0 && *n >= min)
		return true;
	log_error("%s: \"%s\": expected a number from %lu to %lu", what, arg,
	    (unsigned long)min, (unsigned long)max);
	return false;
}

static bool
take_signal(struct act_options *o, int sig)
{
	if (o->signal != 0 && o->signal != sig) {
		log_error("expected one of --stop and --kill");
		return false;
	}
	o->signal = sig;
	return true;
}

static bool
take_where(struct act_options *o, const char *text)
{
	if (o->where != NULL) {
		log_error("--where: given twice, expected one expression");
		return false;
	}
	return (o->where = option_where("--where", text,
	    FIELD_EVENTS)) != NULL;
}

static bool
take_option(struct act_options *o, int opt)
{
	switch (opt) {
	case OPTION_STOP:
		return take_signal(o, SIGSTOP);
	case OPTION_KILL:
		return take_signal(o, SIGKILL);
	case OPTION_ALL:
		return o->all = true;
	case OPTION_ECS:
	case OPTION_CHAT:
		o->form = opt == OPTION_ECS ? ACT_ECS : ACT_CHAT;
		return true;
	case OPTION_WHERE:
		return take_where(o, optarg);
	case OPTION_MAX_AGE:
		return take_number("--max-age", optarg, 0, 31536000,
		    &o->max_age_s);
	case OPTION_TIMEOUT:
		return take_number("--timeout", optarg, 1, 3600,
		    &o->timeout_s);
	case OPTION_JOBS:
		return take_number("--jobs", optarg, 1, ACT_JOBS, &o->jobs);
	case OPTION_WAITING:
		return take_number("--waiting", optarg, 0, ACT_WAITING,
		    &o->waiting);
	case OPTION_OUTPUT:
		return take_number("--output", optarg, 0, 1 << 20, &o->output);
	}
	return false;	/* getopt_long(3) has said why */
}

/* What is behind the options: -- COMMAND, or nothing. */
static bool
take_command(struct act_options *o, int argc, char *argv[])
{
	if (optind >= argc) {
		if (strcmp(argv[argc - 1], "--") != 0)
			return true;
		log_error("--: expected a command behind it");
		return false;
	}
	if (strcmp(argv[optind - 1], "--") != 0) {
		log_error("\"%s\": expected -- before the command",
		    argv[optind]);
		return false;
	}
	o->argv = argv + optind;
	if (strchr(o->argv[0], '/') == NULL || access(o->argv[0], X_OK) == 0)
		return true;
	log_error("%s: %s", o->argv[0], strerror(errno));
	return false;
}

static int
options(struct act_options *o, int argc, char *argv[])
{
	static const struct option rows[] = {
		{ "stop", no_argument, NULL, OPTION_STOP },
		{ "kill", no_argument, NULL, OPTION_KILL },
		{ "all", no_argument, NULL, OPTION_ALL },
		{ "ecs", no_argument, NULL, OPTION_ECS },
		{ "chat", no_argument, NULL, OPTION_CHAT },
		{ "where", required_argument, NULL, OPTION_WHERE },
		{ "max-age", required_argument, NULL, OPTION_MAX_AGE },
		{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
		{ "jobs", required_argument, NULL, OPTION_JOBS },
		{ "waiting", required_argument, NULL, OPTION_WAITING },
		{ "output", required_argument, NULL, OPTION_OUTPUT },
		{ "help", no_argument, NULL, OPTION_HELP },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "+h", rows, NULL)) != -1) {
		if (opt == 'h' || opt == OPTION_HELP) {
			fputs(usage, stdout);
			exit(fflush(stdout) == 0 ? 0 : EXIT_TROUBLE);
		}
		if (!take_option(o, opt))
			return -1;
	}
	return take_command(o, argc, argv) ? 0 : -1;
}

static void
act_on(struct act *a, const char *line, size_t n)
{
	const struct act_options *o = &a->options;
	const struct message *m = act_event(a, line, n);
	const char *done = NULL;
	struct act_gift gift;
	char text[128];

	if (m == NULL)
		return;
	if (o->signal != 0 || o->argv == NULL) {
		act_process(a, m, text, sizeof(text));
		done = text;
	}
	if (o->argv == NULL)
		return;
	if (act_give(o, m, done, &gift) == 0) {
		act_jobs_add(a, &gift);
		return;
	}
	a->count[ACT_failed]++;
	act_tell(a, "an event is too large for a command");
}

/* 1: there may be more; 0: that was all; -1: rsyslogd is not there. */
static int
read_input(struct act *a)
{
	static char data[ACT_LINE];
	ssize_t n = read(STDIN_FILENO, data, sizeof(data));

	if (n <= 0)
		return n < 0 && (errno == EINTR || errno == EAGAIN);
	return act_input(a, data, n, STDOUT_FILENO, act_on) == 0 ? 1 : -1;
}

static int
wait_for(struct act *a, int signals, bool more, int64_t until)
{
	struct pollfd p[2 + 2 * ACT_JOBS];
	int64_t now;
	size_t n;

	p[0] = (struct pollfd){ signals, POLLIN, 0 };
	p[1] = (struct pollfd){ more ? STDIN_FILENO : -1, POLLIN, 0 };
	n = 2 + act_jobs_poll(a, p + 2, &until);
	now = act_now_ms();
	if (poll(p, n, until == INT64_MAX ? -1 : until <= now ? 0 :
	    (int)(until - now)) < 0)
		return 0;
	return (p[0].revents != 0 ? 1 : 0) | (p[1].revents != 0 ? 2 : 0);
}

/* After the end of the input what is under way has a while. */
static void
loop(struct act *a, int signals)
{
	int64_t until = INT64_MAX;
	bool more = true;
	int what;

	while (more || !act_jobs_idle(a->jobs)) {
		if (until != INT64_MAX && act_now_ms() >= until)
			break;
		what = wait_for(a, signals, more, until);
		if (more && ((what & 1) != 0 ||
		    ((what & 2) != 0 && read_input(a) <= 0))) {
			more = false;
			signals = -1;
			until = act_now_ms() + ACT_CLOSE_MS;
		}
		act_jobs_run(a);
	}
	act_jobs_end(a);
}

static void
read_boot(char boot[17])
{
	char id[64] = "";
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, id, sizeof(id) - 1), i;
	size_t len = 0;

	if (fd >= 0)
		close(fd);
	for (i = 0; i < n && len < 16; i++)
		if (id[i] != '-')
			boot[len++] = id[i];
	boot[len] = '\0';
}

static int
run(struct act *a)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 ||
	    (fd = signalfd(-1, &set, SFD_CLOEXEC)) < 0) {
		log_error("signals: %s", strerror(errno));
		return EXIT_TROUBLE;
	}
	read_boot(a->boot);
	a->began = act_now_us();
	a->rsyslogd = act_is_called(getppid(), "rsyslogd") ? getppid() : 0;
	if (write(STDOUT_FILENO, "OK\n", 3) == 3)
		loop(a, fd);
	close(fd);
	act_summary(a);
	return 0;
}

int
act_main(int argc, char *argv[])
{
	struct act *a = calloc(1, sizeof(*a));
	int rc = EXIT_TROUBLE;

	if (a == NULL || (a->jobs = act_jobs_new()) == NULL ||
	    (a->reader = reader_new()) == NULL) {
		log_error("out of memory");
		goto out;
	}
	a->options = (struct act_options){ .max_age_s = 60, .timeout_s = 10,
	    .jobs = 4, .waiting = 100, .output = 4096 };
	if (options(&a->options, argc, argv) == 0)
		rc = run(a);
out:
	if (a != NULL) {
		expr_free(a->options.where);
		reader_free(a->reader);
		act_jobs_free(a->jobs);
	}
	free(a);
	return rc;
}

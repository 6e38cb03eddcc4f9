/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * feed [-a] [-q BYTES] [-r RATE] [-t SECONDS] -s SOCKET|-f FILE COUNT KEPT
 *
 * Sends COUNT numbered messages through sink and writes those that the target
 * took, as they were sent, to the file KEPT: the log has to be the same.
 * -r RATE: messages a second; without, as fast as there is room.  -a: all at
 * once, room or not.  -q: bytes of the queue.  -t: gives up SECONDS after
 * the last message was given to sink.
 * On standard output: "sent N kept N dropped N".
 */
#include "config.h"

#include <err.h>
#include <event2/event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "log.h"
#include "rfc5424.h"
#include "sink.h"

struct feed {
	struct conf conf;
	struct event_base *base;
	struct sink *sink;
	FILE *kept_file;
	unsigned count, sent, kept, dropped;
	unsigned rate;			/* a second; 0: as fast as possible */
	bool all;
	int64_t begin_ms;
};

/* Message n, the same at every call, of 300 to 3,300 bytes, with all that has
   to be escaped. */
static size_t
message(char out[RFC5424_MAX], unsigned n)
{
	const int fill = n % 97 == 0 ? 3000 : n % 700;

	return snprintf(out, RFC5424_MAX,
	    "<86>1 2026-11-22T08:%02u:%02u.%06uZ web-7 pidtreed 712 CONNECT "
	    "[meta sequenceId=\"%u\"][host@32473 id=\"i-0abc\" boot=\"5c1f\"]"
	    "[event@32473 act=\"connect\" cmd=\"sh -c 'echo \\\"%u\\\" "
	    "[a\\] \\\\x0a gr\xc3\xbc\xc3\x9f' %0*d\" spid=\"%u\"] "
	    "web-7: sh(%u) -> 203.0.113.4:443/tcp \"quoted\" [brackets] \\",
	    n / 60 % 60, n % 60, n % 1000000, n + 1, n, fill, 0, n % 32768,
	    n % 32768);
}

static void
on_done(void *arg, uint64_t token, bool kept)
{
	struct feed *f = arg;
	char msg[RFC5424_MAX];
	size_t len;

	if (!kept) {
		f->dropped++;
		return;
	}
	f->kept++;
	len = message(msg, token - 1);
	msg[len++] = '\n';
	fwrite(msg, 1, len, f->kept_file);
}

/* How many may be given to sink now. */
static unsigned
due(const struct feed *f)
{
	const int64_t ms = clock_ms() - f->begin_ms;
	uint64_t upto = f->rate == 0 ? f->count : f->rate * ms / 1000 + 1;

	if (upto > f->count)
		upto = f->count;
	return upto - f->sent;
}

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct feed *f = arg;
	char msg[RFC5424_MAX];
	unsigned n = due(f);
	size_t len;

	(void)fd;
	(void)what;
	while (n-- > 0 && (f->all || sink_room(f->sink))) {
		len = message(msg, f->sent);
		sink_write(f->sink, msg, len, ++f->sent);
	}
	if (f->sent == f->count && sink_queued(f->sink) == 0)
		event_base_loopbreak(f->base);
}

static void
run(struct feed *f, unsigned patience_s)
{
	const struct timeval every = { .tv_usec = 2000 };
	struct event *ev = event_new(f->base, -1, EV_PERSIST, tick, f);
	int64_t last_ms = clock_ms();

	f->begin_ms = clock_ms();
	event_add(ev, &every);
	while (!event_base_got_break(f->base)) {
		event_base_loop(f->base, EVLOOP_ONCE);
		if (f->sent < f->count)
			last_ms = clock_ms();
		else if (clock_ms() - last_ms > patience_s * 1000)
			break;
	}
	event_free(ev);
}

int
main(int argc, char **argv)
{
	struct feed f = { .conf.queue = 8 << 20 };
	unsigned patience_s = 30;
	int c;

	while ((c = getopt(argc, argv, "af:q:r:s:t:")) != -1)
		switch (c) {
		case 'a':
			f.all = true;
			break;
		case 'f':
			f.conf.file = optarg;
			f.conf.target = (char *)(uintptr_t)"file";
			break;
		case 'q':
			f.conf.queue = strtoul(optarg, NULL, 10);
			break;
		case 'r':
			f.rate = strtoul(optarg, NULL, 10);
			break;
		case 's':
			f.conf.socket = optarg;
			f.conf.target = (char *)(uintptr_t)"socket";
			break;
		case 't':
			patience_s = strtoul(optarg, NULL, 10);
			break;
		default:
			return 2;
		}
	if (argc - optind != 2 || f.conf.target == NULL)
		errx(2, "see the head of the source for what it wants");
	f.count = strtoul(argv[optind], NULL, 10);
	f.kept_file = fopen(argv[optind + 1], "we");
	if (f.kept_file == NULL)
		err(1, "%s", argv[optind + 1]);
	log_open("feed", LOG_L_INFO);
	f.base = event_base_new();
	f.sink = sink_open(&f.conf, false, f.base, on_done, &f);
	if (f.sink == NULL)
		err(1, "sink_open");
	run(&f, patience_s);
	sink_close(f.sink);
	event_base_free(f.base);
	if (fclose(f.kept_file) != 0)
		err(1, "%s", argv[optind + 1]);
	printf("sent %u kept %u dropped %u\n", f.sent, f.kept, f.dropped);
	return 0;
}

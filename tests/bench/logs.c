/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Logs of 200 hosts over 30 days, as they would be on a central log host, to
 * be searched; always the same ones.
 *	logs DIR MIB		DIR/pidtreed.log, the newest, and .1 to .29
 *	logs -t DIR MIB		a directory for each host with its own 30
 * Says of each address in them: how often, the address, and of its last
 * connection the id of the host and the time, seconds since 1970.
 */
#include <sys/stat.h>
#include <sys/time.h>

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rfc5424.h"
#include "text.h"

#define HOSTS	200
#define DAYS	30
#define ADDRS	20000
#define SECOND	INT64_C(1000000)
#define BEGIN	(INT64_C(1793491200) * SECOND)	/* 2026-11-01 */
#define SIZE	1333			/* of a message, about */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct process {
	const char *comm, *exe, *cmd;
	const char *user;	/* NULL: the login's */
	int64_t uid;
};

/* What connects on a host, the caller first; init is added. */
static const struct job {
	int weight, usual;	/* how many addresses it talks to */
	const char *unit, *port;
	struct process line[7];
} jobs[] = {
{ 30, 40, "apache2.service", "443", {
    { "php", "/usr/bin/php8.2", "php /srv/www/shop/cron/sync.php --since "
      "2026-11-21 --batch 500 --endpoint https://api.example.net/v2/orders",
      "www-data", 33 },
    { "sh", "/usr/bin/dash", "sh -c 'php /srv/www/shop/cron/sync.php'",
      "www-data", 33 },
    { "apache2", "/usr/sbin/apache2", "/usr/sbin/apache2 -k start",
      "www-data", 33 },
    { "apache2", "/usr/sbin/apache2", "/usr/sbin/apache2 -k start",
      "root", 0 } } },
{ 20, 3, "cron.service", "443", {
    { "restic", "/usr/bin/restic", "restic -r s3:https://backup.example.net/"
      "hosts backup --one-file-system --exclude-caches /etc /home /srv /var",
      "backup", 34 },
    { "nightly", "/usr/bin/dash", "/bin/sh /usr/local/sbin/nightly --quiet",
      "backup", 34 },
    { "sh", "/usr/bin/dash", "/bin/sh -c '/usr/local/sbin/nightly --quiet'",
      "backup", 34 },
    { "cron", "/usr/sbin/cron", "/usr/sbin/CRON -f", "root", 0 },
    { "cron", "/usr/sbin/cron", "/usr/sbin/cron -f", "root", 0 } } },
{ 10, 6, "apt-daily.service", "80", {
    { "http", "/usr/lib/apt/methods/http", "/usr/lib/apt/methods/http",
      "_apt", 42 },
    { "apt-get", "/usr/bin/apt-get", "apt-get -qq -y update", "root", 0 },
    { "apt.systemd.dai", "/usr/bin/dash", "/bin/sh "
      "/usr/lib/apt/apt.systemd.daily update", "root", 0 } } },
{ 15, 4000, "ssh.service", "443", {
    { "curl", "/usr/bin/curl", "curl -fsSL --retry 3 --max-time 30 -o "
      "/tmp/artifact.tar.gz https://downloads.example.org/artifact.tar.gz",
      NULL, 0 },
    { "bash", "/usr/bin/bash", "-bash", NULL, 0 },
    { "sshd", "/usr/sbin/sshd", "'sshd: login@pts/0'", NULL, 0 },
    { "sshd", "/usr/sbin/sshd", "'sshd: login [priv]'", "root", 0 },
    { "sshd", "/usr/sbin/sshd", "'sshd: /usr/sbin/sshd -D [listener] 0 of "
      "10-100 startups'", "root", 0 } } },
{ 10, 300, "ssh.service", "22", {
    { "ssh", "/usr/bin/ssh", "/usr/bin/ssh -o SendEnv=GIT_PROTOCOL "
      "git@git.example.com \"git-upload-pack '/team/deploy.git'\"", NULL, 0 },
    { "git", "/usr/bin/git", "git fetch --prune --tags origin", NULL, 0 },
    { "bash", "/usr/bin/bash", "-bash", NULL, 0 },
    { "sshd", "/usr/sbin/sshd", "'sshd: login@pts/1'", NULL, 0 },
    { "sshd", "/usr/sbin/sshd", "'sshd: /usr/sbin/sshd -D [listener] 0 of "
      "10-100 startups'", "root", 0 } } },
{ 25, 15, "containerd.service", "443", {
    { "node", "/usr/local/bin/node", "node --enable-source-maps "
      "/app/dist/worker.js --queue=emails --concurrency=8", "app", 1500 },
    { "docker-init", "/usr/bin/docker-init", "/sbin/docker-init -- npm start",
      "app", 1500 },
    { "containerd-shim", "/usr/bin/containerd-shim-runc-v2",
      "/usr/bin/containerd-shim-runc-v2 -namespace moby -id "
      "8c1f0a6d5e1b -address /run/containerd/containerd.sock", "root",
      0 } } },
{ 12, 8, "telegraf.service", "8086", {
    { "telegraf", "/usr/bin/telegraf", "/usr/bin/telegraf -config "
      "/etc/telegraf/telegraf.conf -config-directory "
      "/etc/telegraf/telegraf.d", "telegraf", 998 } } },
{ 8, 10000, "crawler.service", "443", {
    { "python3", "/usr/bin/python3.11", "python3 -m crawler --seeds "
      "/var/lib/crawler/seeds.txt --depth 3 --delay 0.5", "crawler", 997 },
    { "bash", "/usr/bin/bash", "bash /opt/crawler/run.sh", "crawler",
      997 } } },
};

static const char *const logins[] = {
	"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"
};

struct host {
	char name[24], id[24], boot[12];
	struct in6_addr addr;
	int64_t seq, counter;
};

static struct host host[HOSTS];
/* To each address: how often, and the last one. */
static struct talk {
	unsigned n;
	const struct host *host;
	int64_t time;
} talk[ADDRS];
static uint64_t seed = 88172645463325252;

static uint64_t
rnd(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 16) % n;
}

static struct str
str(const char *s)
{
	return (struct str){ s, s == NULL ? 0 : strlen(s) };
}

/* The i-th address of the world: one of eight is IPv6. */
static struct in6_addr
address(uint32_t i)
{
	struct in6_addr a = { .s6_addr = { 0 } };
	uint32_t x = i * 2654435761u;

	if (i % 8 == 0) {
		memcpy(a.s6_addr, "\x20\x01\x0d\xb8", 4);
		memcpy(a.s6_addr + 6, &x, 4);
		a.s6_addr[15] = i;
		return a;
	}
	memset(a.s6_addr + 10, 0xff, 2);
	memcpy(a.s6_addr + 12, &x, 4);
	a.s6_addr[12] = 20 + a.s6_addr[12] % 80;
	return a;
}

/* Few are talked to often, most hardly ever. */
static struct in6_addr
destination(const struct job *job, const struct host *h, int64_t time)
{
	double x = rnd(1 << 20) / (double)(1 << 20);
	uint32_t base = (job - jobs) * 2000;
	uint32_t i = (base + (uint32_t)(job->usual * x * x * x)) % ADDRS;

	talk[i] = (struct talk){ talk[i].n + 1, h, time };
	return address(i);
}

static const struct job *
pick_job(void)
{
	const struct job *job = jobs;
	int sum = 0, at;
	size_t i;

	for (i = 0; i < COUNT(jobs); i++)
		sum += jobs[i].weight;
	for (at = rnd(sum); at >= job->weight; job++)
		at -= job->weight;
	return job;
}

static void
add_process(struct message *m, const struct process *p, int64_t pid,
    const char *login, int64_t uid)
{
	struct generation *g = message_add_generation(m);

	g->dist = m->ngen - 1;
	g->pid = pid;
	g->uid = p->user == NULL ? uid : p->uid;
	g->comm = str(p->comm);
	g->exe = str(p->exe);
	g->cmd = str(p->cmd);
	g->user = str(p->user == NULL ? login : p->user);
	g->born = m->time - g->dist * g->dist * 977 * SECOND / 10;
}

static void
add_line(struct message *m, const struct job *job, const struct host *h)
{
	static const struct process init = { "systemd",
	    "/usr/lib/systemd/systemd", "/sbin/init", "root", 0 };
	size_t who = rnd(COUNT(logins)), i;
	bool login = false;

	for (i = 0; job->line[i].comm != NULL; i++) {
		login = login || job->line[i].user == NULL;
		add_process(m, job->line + i, 4000000 - i * 1000 - rnd(900),
		    logins[who], 1000 + who);
	}
	add_process(m, &init, 1, NULL, 0);
	if (login) {
		m->gen[0].auid = 1000 + who;
		m->gen[0].auser = str(logins[who]);
		m->gen[0].ses = h->counter % 1000;
	}
	m->depth = m->ngen;
}

static void
begin(struct message *m, enum msgid id, struct host *h, int64_t time)
{
	message_init(m, id);
	m->time = time;
	m->hostname = str(h->name);
	m->app = str("pidtreed");
	m->procid = 700 + (h - host) % 50;
	m->seq = ++h->seq;
	m->uptime = time / 10000 % 100000000;
	m->hostid = str(h->id);
	m->boot = str(h->boot);
}

static void
connection(struct message *m, struct host *h)
{
	static char externalid[64], pkey[64];
	const struct job *job = pick_job();

	m->act = str("connect");
	m->outcome = str(rnd(30) == 0 ? "refused" : "established");
	m->waited = rnd(80);
	m->proto = str("TCP");
	m->dst = destination(job, h, m->time);
	m->family = IN6_IS_ADDR_V4MAPPED(&m->dst) ? AF_INET : AF_INET6;
	if (m->family == AF_INET)
		m->src = h->addr;
	m->spt = 32768 + rnd(28000);
	m->dpt = atoi(job->port);
	m->direction = 1;
	m->netns = 4026531840;
	m->unit = str(job->unit);
	add_line(m, job, h);
	snprintf(pkey, sizeof(pkey), "%jd:%jd", (intmax_t)m->gen[0].pid,
	    (intmax_t)(m->uptime * 10000000 + rnd(10000000)));
	snprintf(externalid, sizeof(externalid), "%s00000000-%d-%jd", h->boot,
	    (int)rnd(4), (intmax_t)++h->counter);
	m->pkey = str(pkey);
	m->externalid = str(externalid);
}

static void
describe(struct message *m, struct host *h)
{
	static char addresses[TEXT_ADDR];

	addresses[text_put_addr(addresses, &h->addr)] = '\0';
	m->cause = str("daily");
	m->cloud = str("aws");
	m->account = str("123456789012");
	m->region = str("eu-central-1");
	m->fqdn = str(h->name);
	m->os = str("Debian GNU/Linux 12");
	m->addresses = str(addresses);
	m->forwarding = 0;
}

static void
make_hosts(void)
{
	struct host *h;

	for (h = host; h < host + HOSTS; h++) {
		snprintf(h->name, sizeof(h->name), "web-%zu", h - host);
		snprintf(h->id, sizeof(h->id), "i-0%016jx",
		    (uintmax_t)rnd(UINT64_MAX));
		snprintf(h->boot, sizeof(h->boot), "%08x", (unsigned)rnd(1u <<
		    31));
		memset(h->addr.s6_addr + 10, 0xff, 2);
		h->addr.s6_addr[12] = 10;
		h->addr.s6_addr[14] = (h - host) / 250;
		h->addr.s6_addr[15] = (h - host) % 250 + 4;
	}
}

/* The file of this day: of all hosts, or of one. */
static FILE *
open_log(const char *dir, const struct host *h, int day, char path[4096])
{
	int n = snprintf(path, 4096, "%s", dir);
	FILE *f;

	if (h != NULL) {
		n += snprintf(path + n, 4096 - n, "/%s", h->name);
		mkdir(path, 0777);
	}
	n += snprintf(path + n, 4096 - n, "/pidtreed.log");
	if (day < DAYS - 1)
		snprintf(path + n, 4096 - n, ".%d", DAYS - 1 - day);
	if ((f = fopen(path, "w")) == NULL)
		err(1, "%s", path);
	return f;
}

static void
close_log(FILE *f, const char *path, int day)
{
	struct timeval t[2] = { { .tv_sec = BEGIN / SECOND +
	    (day + 1) * 86400 } };

	t[1] = t[0];
	if (fclose(f) != 0 || utimes(path, t) < 0)
		err(1, "%s", path);
}

static void
put(FILE *f, const struct message *m)
{
	char out[RFC5424_MAX + 1];
	size_t n = rfc5424_write(m, out);

	out[n++] = '\n';
	if (fwrite(out, 1, n, f) != n)
		err(1, "write");
}

/* A day of one host, or of all. */
static void
day_of(const char *dir, struct host *only, int day, int64_t messages)
{
	static struct message m;
	char path[4096];
	FILE *f = open_log(dir, only, day, path);
	int64_t time = BEGIN + day * 86400 * SECOND, i;
	int64_t step = 86400 * SECOND / messages, hosts = only ? 1 : HOSTS;

	for (i = 0; i < messages; i++, time += step) {
		struct host *h = only != NULL ? only : host + rnd(HOSTS);

		if (i < hosts) {
			h = only != NULL ? only : host + i;
			begin(&m, MSG_HOST, h, time);
			describe(&m, h);
		} else {
			begin(&m, MSG_CONNECT, h, time + rnd(step));
			connection(&m, h);
		}
		put(f, &m);
	}
	close_log(f, path, day);
}

static void
say_addresses(void)
{
	char s[TEXT_ADDR + 1];
	struct in6_addr a;
	uint32_t i;

	for (i = 0; i < ADDRS; i++) {
		if (talk[i].n == 0)
			continue;
		a = address(i);
		s[text_put_addr(s, &a)] = '\0';
		printf("%u %s %s %jd\n", talk[i].n, s, talk[i].host->id,
		    (intmax_t)(talk[i].time / SECOND));
	}
}

int
main(int argc, char *argv[])
{
	bool tree = argc > 1 && strcmp(argv[1], "-t") == 0;
	int64_t messages;
	int day, h;

	if (argc != 3 + tree)
		errx(2, "usage: logs [-t] DIR MIB");
	messages = atol(argv[argc - 1]) * 1048576 / DAYS / SIZE;
	make_hosts();
	for (day = 0; day < DAYS; day++) {
		if (!tree)
			day_of(argv[1], NULL, day, messages);
		for (h = 0; tree && h < HOSTS; h++)
			day_of(argv[2], host + h, day, messages / HOSTS);
	}
	say_addresses();
	return 0;
}

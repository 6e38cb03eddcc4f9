/* SPDX-License-Identifier: BSD-2-Clause */
/* Who this host is; see host.h. */
#include "host.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "address.h"
#include "cloud.h"
#include "conf.h"
#include "machineid.h"

enum fact {
	HOSTNAME, HOSTID, CLOUD, ACCOUNT, REGION, MACHINE, FQDN, KERNEL, OS,
	ADDRESSES, NFACTS
};

struct facts {
	char *text[NFACTS];	/* NULL: not known */
	int forwarding;		/* -1: not known */
};

struct host {
	const struct conf *conf;
	char *root;
	int fd;
	char boot[17];		/* hex digits; "" not known */
	struct cloud cloud;
	struct facts now;
};

static char *
copy(const char *s)
{
	return s != NULL && *s != '\0' ? strdup(s) : NULL;
}

/* What is known in the order of trust. */
static char *
first_of(const char *configured, const char *found)
{
	return copy(configured != NULL ? configured : found);
}

/* RFC 5424, 6.2.4: HOSTNAME is 1*255PRINTUSASCII. */
static char *
header_name(const char *name)
{
	char *s = name != NULL ? strndup(name, 255) : NULL, *p;

	for (p = s; p != NULL && *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			*p = '?';
	if (s != NULL && *s == '\0') {
		free(s);
		s = NULL;
	}
	return s;
}

static int
is_below(const char *fqdn, const char *name)
{
	const size_t n = strlen(name);

	return strncasecmp(fqdn, name, n) == 0 && fqdn[n] == '.' &&
	    fqdn[n + 1] != '\0' && strcasecmp(fqdn + n, ".localdomain") != 0;
}

/* The line of hosts(5) that has the name: its "name.domain", if any. */
static char *
fqdn_of_line(char *line, const char *name)
{
	char *save, *word, *found = NULL;
	int has = 0;

	line[strcspn(line, "#\n")] = '\0';
	word = strtok_r(line, " \t", &save);	/* the address */
	while (word != NULL && (word = strtok_r(NULL, " \t", &save)) != NULL) {
		if (strcasecmp(word, name) == 0)
			has = 1;
		else if (found == NULL && is_below(word, name))
			found = word;
	}
	return has ? copy(found) : NULL;
}

/* Files alone: a query of the network could hang, or be answered by others. */
static char *
find_fqdn(const char *root, const char *name)
{
	char path[PATH_MAX], line[1024], *fqdn = NULL;
	FILE *f;

	if (name == NULL || strchr(name, '.') != NULL)
		return copy(name);
	fqdn = cloud_line(root, "/etc/hostname");
	if (fqdn != NULL && is_below(fqdn, name))
		return fqdn;
	free(fqdn);
	fqdn = NULL;
	snprintf(path, sizeof(path), "%s/etc/hosts", root);
	f = fopen(path, "re");
	if (f == NULL)
		return NULL;
	while (fqdn == NULL && fgets(line, sizeof(line), f) != NULL)
		fqdn = fqdn_of_line(line, name);
	fclose(f);
	return fqdn;
}

/* os-release(5): PRETTY_NAME, quoted as a shell would. */
static char *
pretty_name(const char *line)
{
	static const char key[] = "PRETTY_NAME=";
	char out[256], quote = '\0';
	size_t n = 0;

	if (strncmp(line, key, sizeof(key) - 1) != 0)
		return NULL;
	for (line += sizeof(key) - 1; *line != '\0' && *line != '\n'; line++) {
		if (*line == quote)
			break;
		if (n == 0 && quote == '\0' &&
		    (*line == '"' || *line == '\'')) {
			quote = *line;
			continue;
		}
		if (*line == '\\' && quote != '\'' && line[1] != '\0')
			line++;
		if (n < sizeof(out) - 1)
			out[n++] = *line;
	}
	out[n] = '\0';
	return copy(out);
}

static char *
find_os(const char *root)
{
	static const char *const paths[] = { "/etc/os-release",
	    "/usr/lib/os-release" };
	char path[PATH_MAX], line[1024], *os = NULL;
	FILE *f = NULL;

	for (size_t i = 0; f == NULL && i < 2; i++) {
		snprintf(path, sizeof(path), "%s%s", root, paths[i]);
		f = fopen(path, "re");
	}
	if (f == NULL)
		return NULL;
	while (os == NULL && fgets(line, sizeof(line), f) != NULL)
		os = pretty_name(line);
	fclose(f);
	return os;
}

static int
find_forwarding(const char *root)
{
	static const char *const paths[] = {
		"/proc/sys/net/ipv4/ip_forward",
		"/proc/sys/net/ipv6/conf/all/forwarding",
	};
	int forwarding = -1;

	for (size_t i = 0; i < 2; i++) {
		char *line = cloud_line(root, paths[i]);

		if (line != NULL && forwarding != 1)
			forwarding = *line != '0';
		free(line);
	}
	return forwarding;
}

static void
find_facts(const struct host *h, struct facts *f)
{
	const struct conf *conf = h->conf;
	const struct cloud *cloud = &h->cloud;
	struct utsname u;

	memset(f, 0, sizeof(*f));
	f->text[HOSTID] = first_of(conf->host_id, cloud->instance);
	if (f->text[HOSTID] == NULL)
		f->text[HOSTID] = machineid_derived(h->root);
	f->text[CLOUD] = first_of(conf->cloud, cloud->name);
	f->text[ACCOUNT] = first_of(conf->account, cloud->account);
	f->text[REGION] = first_of(conf->region, cloud->region);
	if (uname(&u) == 0) {
		f->text[HOSTNAME] = header_name(conf->host_name != NULL ?
		    conf->host_name : u.nodename);
		f->text[FQDN] = find_fqdn(h->root, u.nodename);
		f->text[MACHINE] = first_of(cloud->machine, u.machine);
		f->text[KERNEL] = copy(u.release);
	}
	f->text[OS] = find_os(h->root);
	f->text[ADDRESSES] = address_list();
	f->forwarding = find_forwarding(h->root);
}

static void
clear_facts(struct facts *f)
{
	for (int i = 0; i < NFACTS; i++)
		free(f->text[i]);
}

static int
differ(const struct facts *a, const struct facts *b)
{
	for (int i = 0; i < NFACTS; i++) {
		const char *s = a->text[i], *t = b->text[i];

		if (s != t && (s == NULL || t == NULL || strcmp(s, t) != 0))
			return 1;
	}
	return a->forwarding != b->forwarding;
}

struct host *
host_new_at(const char *root, const struct conf *conf)
{
	struct host *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->conf = conf;
	h->fd = -1;
	h->root = strdup(root);
	if (h->root == NULL) {
		host_free(h);
		errno = ENOMEM;
		return NULL;
	}
	/* Before the look, so that no change falls in between. */
	h->fd = address_watch();
	machineid_boot(h->root, h->boot);
	cloud_read(&h->cloud, h->root);
	find_facts(h, &h->now);
	return h;
}

struct host *
host_new(const struct conf *conf)
{
	return host_new_at("", conf);
}

static struct str
str(const char *s)
{
	return (struct str){ s, s != NULL ? strlen(s) : 0 };
}

void
host_stamp(const struct host *h, struct message *m)
{
	m->hostname = str(h->now.text[HOSTNAME]);
	m->hostid = str(h->now.text[HOSTID]);
	if (h->boot[0] != '\0')
		m->boot = (struct str){ h->boot, 8 };
}

void
host_describe(const struct host *h, struct message *m)
{
	m->cloud = str(h->now.text[CLOUD]);
	m->account = str(h->now.text[ACCOUNT]);
	m->region = str(h->now.text[REGION]);
	m->machine = str(h->now.text[MACHINE]);
	m->fqdn = str(h->now.text[FQDN]);
	m->kernelrelease = str(h->now.text[KERNEL]);
	m->os = str(h->now.text[OS]);
	m->addresses = str(h->now.text[ADDRESSES]);
	if (h->now.forwarding != -1)
		m->forwarding = h->now.forwarding;
}

const char *
host_boot(const struct host *h)
{
	return h->boot;
}

/* cloud-init may finish after the collector's start. */
int
host_refresh(struct host *h)
{
	struct facts f;
	int changed;

	if (h->fd != -1)
		address_drain(h->fd);
	cloud_read(&h->cloud, h->root);
	find_facts(h, &f);
	changed = differ(&h->now, &f);
	if (changed) {
		clear_facts(&h->now);
		h->now = f;
	} else
		clear_facts(&f);
	return changed;
}

int
host_fd(const struct host *h)
{
	return h->fd;
}

void
host_free(struct host *h)
{
	if (h == NULL)
		return;
	clear_facts(&h->now);
	cloud_clear(&h->cloud);
	if (h->fd != -1)
		close(h->fd);
	free(h->root);
	free(h);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Which container a cgroup is of; see container.h. */
#define _GNU_SOURCE	/* memmem, memrchr */
#include "container.h"

#include <stdio.h>
#include <string.h>

#define HEX_ID		64
#define POD_UID		36	/* bytes; 32 of a pod from a file of the node */

struct form {
	const char *before, *after;	/* around the id */
	const char *parent;	/* the component above; NULL: any */
	const char *runtime;
	enum { HEX, NAME, UNIT } id;	/* UNIT: escaped as systemd does */
	bool in_unit;		/* a service above it is nothing unusual */
};

/*
 * What a runtime calls a container's cgroup.  conmon and lxc.monitor are not
 * here: they watch a container from outside.  The last is anybody's, or of a
 * runtime that the kubelet told where.
 */
static const struct form forms[] = {
	{ "docker-", ".scope", NULL, "docker", HEX, false },
	{ "", "", "docker", "docker", HEX, false },
	{ "cri-containerd-", ".scope", NULL, "containerd", HEX, false },
	{ "nerdctl-", ".scope", NULL, "containerd", HEX, false },
	{ "crio-", ".scope", NULL, "cri-o", HEX, false },
	{ "crio-", "", NULL, "cri-o", HEX, false },
	{ "libpod-", ".scope", NULL, "podman", HEX, false },
	{ "libpod-", "", NULL, "podman", HEX, false },
	{ "libpod-payload-", "", NULL, "podman", HEX, true },
	{ "lxc.payload.", "", NULL, "lxc", NAME, false },
	{ "", "", "lxc.payload", "lxc", NAME, false },
	{ "", "", "/lxc", "lxc", NAME, false },
	{ "systemd-nspawn@", ".service", "machine.slice", "systemd-nspawn",
	    UNIT, false },
	{ "machine-", ".scope", "machine.slice", "systemd-nspawn", UNIT,
	    false },
	{ "", "", NULL, NULL, HEX, false },
};

/* SLICE:PREFIX:ID, where a systemd path was given to one that makes
   directories. */
static const struct { const char *prefix, *runtime; } colons[] = {
	{ "docker", "docker" }, { "cri-containerd", "containerd" },
	{ "crio", "cri-o" }, { "libpod", "podman" },
};

struct walk {
	struct str path, part, above;	/* above: with its slash in front */
	bool in_unit, of_user;
	char pod[CONTAINER_UID];
};

static bool
is(struct str s, const char *word)
{
	return s.n == strlen(word) && memcmp(s.s, word, s.n) == 0;
}

static bool
begins(struct str s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && memcmp(s.s, word, n) == 0;
}

static bool
ends(struct str s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && memcmp(s.s + s.n - n, word, n) == 0;
}

static bool
is_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.s[i] >= '0' && s.s[i] <= '9') &&
		    !(s.s[i] >= 'a' && s.s[i] <= 'f'))
			return false;
	return s.n == HEX_ID;
}

/* systemd.unit(5), string escaping: \xHH; a dash was a slash. */
static bool
unescape(struct str s, char *out, size_t size)
{
	unsigned byte;
	size_t n = 0;

	for (size_t i = 0; i < s.n && n + 1 < size; i++) {
		if (s.s[i] != '\\') {
			out[n++] = s.s[i];
			continue;
		}
		if (s.n - i < 4 || sscanf(s.s + i, "\\x%2x", &byte) != 1)
			return false;
		out[n++] = byte;
		i += 3;
	}
	out[n] = '\0';
	return n > 0 && n + 1 < size;
}

/* libvirt registers its guests too: machine-qemu\x2d1\x2dNAME.scope. */
static bool
is_guest(struct str id)
{
	return begins(id, "qemu\\x2d") || begins(id, "lxc\\x2d");
}

static bool
take_id(struct container *c, int kind, struct str id)
{
	if (kind == UNIT)
		return !is_guest(id) && unescape(id, c->id, sizeof(c->id));
	if (id.n == 0 || id.n >= sizeof(c->id) ||
	    (kind == HEX && !is_hex(id)))
		return false;
	memcpy(c->id, id.s, id.n);
	c->id[id.n] = '\0';
	return true;
}

static bool
parent_fits(const struct walk *w, const char *parent)
{
	if (parent == NULL)
		return true;
	if (*parent == '/')		/* at the top */
		return is(w->above, parent) && w->above.s == w->path.s;
	return w->above.n > 0 && is((struct str){ w->above.s + 1,
	    w->above.n - 1 }, parent);
}

static bool
fits(const struct walk *w, const struct form *f, struct container *c)
{
	struct str id = w->part;

	if (id.n < strlen(f->before) + strlen(f->after) ||
	    !begins(id, f->before) || !ends(id, f->after) ||
	    !parent_fits(w, f->parent))
		return false;
	id.s += strlen(f->before);
	id.n -= strlen(f->before) + strlen(f->after);
	if (!take_id(c, f->id, id))
		return false;
	c->runtime = f->runtime;
	c->system = !w->of_user && (f->in_unit || !w->in_unit);
	return true;
}

static bool
fits_colons(const struct walk *w, struct container *c)
{
	const char *id = memrchr(w->part.s, ':', w->part.n);
	struct str s = w->part;

	if (id == NULL)
		return false;
	s.n = id - s.s;
	id++;
	if (!take_id(c, HEX, (struct str){ id, w->part.s + w->part.n - id }))
		return false;
	for (size_t i = 0; i < sizeof(colons) / sizeof(colons[0]); i++) {
		c->runtime = colons[i].runtime;
		c->system = !w->of_user;
		if (ends(s, colons[i].prefix) &&
		    s.n > strlen(colons[i].prefix) &&
		    s.s[s.n - strlen(colons[i].prefix) - 1] == ':')
			return true;
	}
	return false;
}

/* systemd-nspawn of systemd 259 names its scope as the machine is named; the
   payload is below it, as with the others. */
static bool
fits_payload(const struct walk *w, struct container *c)
{
	const struct form plain = { "", ".scope", "machine.slice",
	    "systemd-nspawn", UNIT, false };
	const char *next = w->part.s + w->part.n;
	const size_t left = w->path.s + w->path.n - next;

	return left >= 8 && memcmp(next, "/payload", 8) == 0 &&
	    (left == 8 || next[8] == '/') && fits(w, &plain, c);
}

/* kubepods-burstable-podUID.slice with _ for -, or podUID below kubepods. */
static void
note_pod(struct walk *w)
{
	const char *p = memmem(w->part.s, w->part.n, "kubepods-", 9), *end;
	size_t n;

	if (p != NULL)
		p = memmem(p, w->part.s + w->part.n - p, "-pod", 4);
	else if (memmem(w->path.s, w->part.s - w->path.s, "kubepods/", 9) !=
	    NULL && begins(w->part, "pod"))
		p = w->part.s - 1;
	if (p == NULL)
		return;
	p += 4;
	end = w->part.s + w->part.n;
	for (n = 0; p + n < end && n <= POD_UID && p[n] != '.'; n++)
		w->pod[n] = p[n] == '_' ? '-' : p[n];
	w->pod[n] = '\0';
	if ((n != POD_UID && n != 32) ||
	    w->pod[strspn(w->pod, "0123456789abcdef-")] != '\0')
		w->pod[0] = '\0';
}

/* systemd-nspawn's own processes are beside the payload. */
static bool
is_outside(const struct walk *w, const struct container *c)
{
	struct str rest = { w->part.s + w->part.n, 0 };

	rest.n = w->path.s + w->path.n - rest.s;
	return c->runtime != NULL && strcmp(c->runtime, "systemd-nspawn") == 0
	    && begins(rest, "/supervisor");
}

static bool
names_container(struct walk *w, struct container *c)
{
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (fits(w, &forms[i], c))
			break;
	if (i == sizeof(forms) / sizeof(forms[0]) && !fits_colons(w, c) &&
	    !fits_payload(w, c))
		return false;
	if (c->runtime == NULL && w->pod[0] != '\0')
		c->runtime = "kubernetes";
	strcpy(c->pod, w->pod);
	c->start = w->part.s - w->path.s;
	return true;
}

bool
container_find(struct str path, struct container *c)
{
	struct walk w = { .path = path };
	const char *p = path.s, *end = path.s + path.n, *next;

	memset(c, 0, sizeof(*c));
	while (p < end) {
		next = memchr(p + 1, '/', end - p - 1);
		if (next == NULL)
			next = end;
		w.part = (struct str){ p + 1, next - p - 1 };
		note_pod(&w);
		if (names_container(&w, c))
			return !is_outside(&w, c);
		w.in_unit |= ends(w.part, ".service") ||
		    ends(w.part, ".scope");
		w.of_user |= is(w.part, "user.slice") || is(w.part, "user");
		w.above = (struct str){ p, next - p };
		p = next;
	}
	return false;
}

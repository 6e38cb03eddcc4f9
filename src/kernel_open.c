/* SPDX-License-Identifier: BSD-2-Clause */
/* Which opens the kernel looks for; bpf/watched.h reads it. */
#include "kernel_impl.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "log.h"
#include "pidtreed.skel.h"
#include "watchpath.h"

struct watched {
	size_t n;
	struct watch_key key[WATCH_NAMES];
	uint64_t bits[WATCH_BITS / 64];
};

static void
add(struct watched *w, const struct watch_key *key)
{
	if (w->n < WATCH_NAMES)
		w->key[w->n++] = *key;
}

/* Below what it is in; at the top of a file system, where that is not known;
   and as it was asked for. */
static void
add_path(struct watched *w, const char *path)
{
	const char *end = path + strlen(path), *last;
	struct watch_key key;
	uint64_t word = 0, bit;

	while (end > path && end[-1] == '/')
		end--;
	for (last = end; last[-1] != '/'; last--)
		;
	for (size_t i = 0; i < sizeof(word) && last + i < end; i++)
		word |= (uint64_t)(uint8_t)last[i] << 8 * i;
	bit = WATCH_BIT(word, (uint64_t)(end - last));
	w->bits[bit / 64] |= 1ULL << bit % 64;
	watchpath_key(path, &key);
	add(w, &key);
	memset(key.parent, 0, sizeof(key.parent));
	key.parent[0] = '/';
	add(w, &key);
	key.parent[0] = '*';
	add(w, &key);
}

static void
collect(struct watched *w, const struct conf *conf)
{
	for (size_t i = 0; i < conf->open_paths.n; i++) {
		const char *path = conf->open_paths.v[i].text;
		char *real = watchpath_real(path);

		add_path(w, path);
		if (real != NULL)
			add_path(w, real);
		free(real);
	}
}

static bool
is_in(const struct watched *w, const struct watch_key *key)
{
	for (size_t i = 0; i < w->n; i++)
		if (memcmp(&w->key[i], key, sizeof(*key)) == 0)
			return true;
	return false;
}

/* Those that are not wanted any more. */
static void
drop(int fd, const struct watched *w)
{
	struct watch_key key, next;
	int more = bpf_map_get_next_key(fd, NULL, &next);

	while (more == 0) {
		key = next;
		more = bpf_map_get_next_key(fd, &key, &next);
		if (!is_in(w, &key))
			bpf_map_delete_elem(fd, &key);
	}
}

void
kernel_set_watched(struct kernel *k, const struct conf *conf)
{
	int fd = bpf_map__fd(k->skel->maps.open_names);
	struct watched *w = calloc(1, sizeof(*w));
	uint32_t one = 1;

	if (w == NULL) {
		log_warn("open.paths: %s", strerror(errno));
		return;
	}
	if (conf->open)
		collect(w, conf);
	for (size_t i = 0; i < w->n; i++)
		if (bpf_map_update_elem(fd, &w->key[i], &one, BPF_ANY) != 0)
			log_warn("open.paths: %s", strerror(errno));
	memcpy(k->skel->bss->open_bits, w->bits, sizeof(w->bits));
	drop(fd, w);
	free(w);
}

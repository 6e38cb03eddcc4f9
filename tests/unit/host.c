/* SPDX-License-Identifier: BSD-2-Clause */
/* host: who it says the machine is, from trees of files as clouds have them;
   addresses and their news in a network namespace of its own. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf.h"
#include "host.h"

#define DMI	"sys/class/dmi/id/"
#define MACHINE	"0123456789abcdef0123456789abcdef"

/* Files of a machine: path, text, ..., NULL. */
#define COMMON	"etc/machine-id", MACHINE "\n",				\
	"proc/sys/kernel/random/boot_id",				\
	"5c1f2e90-84ab-4c02-9d11-0123456789ab\n"

static const char *const bare[] = { COMMON, NULL };

static const char *const nitro[] = { COMMON,
	DMI "sys_vendor", "Amazon EC2\n",
	DMI "board_asset_tag", "i-0abc12def34567890\n",
	DMI "product_name", "t3.micro\n", NULL };

static const char *const xen[] = { COMMON,
	DMI "sys_vendor", "Xen\n",
	DMI "product_version", "4.11.amazon\n",
	DMI "product_name", "HVM domU\n", NULL };

static const char ec2_json[] =
    "{\"base64_encoded_keys\": [], \"ds\": {\"dynamic\": "
    "{\"instance-identity\": {\"document\": {\"accountId\": "
    "\"123456789012\", \"architecture\": \"x86_64\", \"instanceId\": "
    "\"i-0fedcba9876543210\", \"instanceType\": \"m5.large\", \"kernelId\": "
    "null}}}, \"meta_data\": {\"instance-id\": \"i-0fedcba9876543210\"}}, "
    "\"merged_cfg\": \"redacted for non-root user\", \"v1\": "
    "{\"_beta_keys\": [\"subplatform\"], \"availability_zone\": "
    "\"eu-west-1b\", \"cloud_name\": \"aws\", \"instance_id\": "
    "\"i-0fedcba9876543210\", \"machine\": \"x86_64\", \"region\": "
    "\"eu-west-1\"}}";

static const char *const ec2[] = { COMMON,
	"run/cloud-init/instance-data.json", ec2_json, NULL };

static const char gce_json[] =
    "{\"ds\": {\"meta_data\": {\"instance-id\": \"4567890123456789012\"}}, "
    "\"v1\": {\"cloud_name\": \"gce\", \"instance_id\": "
    "\"4567890123456789012\", \"region\": \"us-central1\"}}";

static const char *const gce[] = { COMMON,
	DMI "product_name", "Google Compute Engine\n",
	DMI "sys_vendor", "Google\n",
	"run/cloud-init/instance-data.json", gce_json, NULL };

static const char *const gce_firmware[] = { COMMON,
	DMI "product_name", "Google Compute Engine\n", NULL };

static const char azure_json[] =
    "{\"ds\": {\"meta_data\": {\"imds\": {\"compute\": {\"location\": "
    "\"westeurope\", \"subscriptionId\": "
    "\"8d10da13-8125-4ba9-a717-bf7490507b3d\", \"vmSize\": "
    "\"Standard_D2s_v3\"}}}}, \"v1\": {\"cloud_name\": \"azure\", "
    "\"instance_id\": \"ba7e5d0c-0000-4a5b-8e6f-0123456789ab\", "
    "\"region\": \"westeurope\"}}";

static const char *const azure[] = { COMMON,
	"run/cloud-init/instance-data.json", azure_json, NULL };

static const char *const azure_firmware[] = { COMMON,
	DMI "sys_vendor", "Microsoft Corporation\n",
	DMI "product_name", "Virtual Machine\n",
	DMI "chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77\n",
	DMI "product_uuid", "BA7E5D0C-0000-4A5B-8E6F-0123456789AB\n", NULL };

/* Every clone of an image has this instance id: it is not taken. */
static const char *const nocloud[] = { COMMON,
	"run/cloud-init/instance-data.json",
	"{\"v1\": {\"cloud_name\": \"nocloud\", \"instance_id\": "
	"\"iid-local01\", \"region\": null}}", NULL };

static const char *const redacted[] = { COMMON,
	"run/cloud-init/instance-data.json",
	"{\"v1\": {\"cloud_name\": \"aws\", \"instance_id\": "
	"\"redacted for non-root user\", \"region\": \"\"}, \"ds\": "
	"\"redacted for non-root user\"}", NULL };

static const char *const broken[] = { COMMON,
	"run/cloud-init/instance-data.json", "{\"v1\": {\"cloud_name\": \"aw",
	NULL };

static const char *const odd_types[] = { COMMON,
	"run/cloud-init/instance-data.json",
	"{\"v1\": [1], \"ds\": {\"dynamic\": 5}}", NULL };

static const char *const no_id[] = { "etc/machine-id", "uninitialized\n",
	NULL };

/* As systemd-id128 machine-id --app-specific=... works it out. */
#define DERIVED	"73aeb249b27645e0b59ddfd1b8ef9afc"

static const struct {
	const char *const *files;
	const char *id, *cloud, *account, *region, *machine;
} cases[] = {
	{ bare, DERIVED, NULL, NULL, NULL, "arch" },
	{ nitro, "i-0abc12def34567890", "aws", NULL, NULL, "t3.micro" },
	{ xen, DERIVED, NULL, NULL, NULL, "HVM domU" },
	{ ec2, "i-0fedcba9876543210", "aws", "123456789012", "eu-west-1",
	    "m5.large" },
	{ gce, "4567890123456789012", "gce", NULL, "us-central1",
	    "Google Compute Engine" },
	{ gce_firmware, DERIVED, "gce", NULL, NULL, "Google Compute Engine" },
	{ azure, "ba7e5d0c-0000-4a5b-8e6f-0123456789ab", "azure",
	    "8d10da13-8125-4ba9-a717-bf7490507b3d", "westeurope",
	    "Standard_D2s_v3" },
	{ azure_firmware, "ba7e5d0c-0000-4a5b-8e6f-0123456789ab", "azure",
	    NULL, NULL, "Virtual Machine" },
	{ nocloud, DERIVED, NULL, NULL, NULL, "arch" },
	{ redacted, DERIVED, "aws", NULL, NULL, "arch" },
	{ broken, DERIVED, NULL, NULL, NULL, "arch" },
	{ odd_types, DERIVED, NULL, NULL, NULL, "arch" },
	{ no_id, NULL, NULL, NULL, NULL, "arch" },
};

static char root[64];

static int
set_up(void **state)
{
	(void)state;
	strcpy(root, "/tmp/pidtreed-test.XXXXXX");
	return mkdtemp(root) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	char cmd[128];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", root);
	return system(cmd);
}

static void
put(const char *path, const char *text)
{
	char cmd[256], full[128];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	snprintf(cmd, sizeof(cmd), "mkdir -p \"$(dirname '%s')\"", full);
	assert_int_equal(system(cmd), 0);
	f = fopen(full, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
put_all(const char *const *files)
{
	for (; files[0] != NULL; files += 2)
		put(files[0], files[1]);
}

static void
expect(struct str got, const char *want)
{
	if (want == NULL) {
		assert_null(got.s);
		return;
	}
	assert_non_null(got.s);
	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.s, want, got.n);
}

static void
identity(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct conf conf = { 0 };
		struct message m;
		struct host *h;

		put_all(cases[i].files);
		h = host_new_at(root, &conf);
		message_init(&m, MSG_HOST);
		host_stamp(h, &m);
		host_describe(h, &m);
		expect(m.hostid, cases[i].id);
		expect(m.cloud, cases[i].cloud);
		expect(m.account, cases[i].account);
		expect(m.region, cases[i].region);
		if (strcmp(cases[i].machine, "arch") != 0)
			expect(m.machine, cases[i].machine);
		else
			assert_null(memchr(m.machine.s, ' ', m.machine.n));
		if (cases[i].files != no_id) {
			expect(m.boot, "5c1f2e90");
			assert_string_equal(host_boot(h), "5c1f2e9084ab4c02");
		} else {
			expect(m.boot, NULL);
			assert_string_equal(host_boot(h), "");
		}
		assert_int_equal(host_refresh(h), 0);
		host_free(h);
		tear_down(state);
		assert_int_equal(mkdir(root, 0755), 0);
	}
}

static void
configured(void **state)
{
	const struct conf conf = {
		.host_id = (char *)(uintptr_t)"db-master",
		.host_name = (char *)(uintptr_t)"db 1\t\xc3\xa4",
		.cloud = (char *)(uintptr_t)"own",
		.account = (char *)(uintptr_t)"4711",
		.region = (char *)(uintptr_t)"cellar",
	};
	struct message m;
	struct host *h;

	(void)state;
	put_all(ec2);
	h = host_new_at(root, &conf);
	message_init(&m, MSG_HOST);
	host_stamp(h, &m);
	host_describe(h, &m);
	expect(m.hostid, "db-master");
	expect(m.hostname, "db?1???");		/* RFC 5424: PRINTUSASCII */
	expect(m.cloud, "own");
	expect(m.account, "4711");
	expect(m.region, "cellar");
	host_free(h);
}

/* cloud-init is ready after our start; what only root could read is not
   lost when it cannot be read any more. */
static void
found_later(void **state)
{
	const struct conf conf = { 0 };
	char uuid[128];
	struct message m;
	struct host *h;

	(void)state;
	put_all(azure_firmware);
	h = host_new_at(root, &conf);
	snprintf(uuid, sizeof(uuid), "%s/" DMI "product_uuid", root);
	assert_int_equal(unlink(uuid), 0);
	assert_int_equal(host_refresh(h), 0);
	message_init(&m, MSG_HOST);
	host_stamp(h, &m);
	expect(m.hostid, "ba7e5d0c-0000-4a5b-8e6f-0123456789ab");
	put_all(azure);
	assert_int_equal(host_refresh(h), 1);
	host_describe(h, &m);
	expect(m.region, "westeurope");
	assert_int_equal(host_refresh(h), 0);
	host_free(h);
}

/*
 * Names, in a UTS namespace.
 */

static const struct {
	const char *name, *hostname, *hosts;
	const char *fqdn;
} names[] = {
	{ "web-7", "web-7\n", "127.0.0.1 localhost\n", NULL },
	{ "web-7.example.org", "", "", "web-7.example.org" },
	{ "web-7", "web-7.example.org\n", "", "web-7.example.org" },
	{ "web-7", "other.example.org\n", "", NULL },
	{ "web-7", "web-7\n", "127.0.1.1\tweb-7.example.org web-7\n",
	    "web-7.example.org" },
	{ "web-7", "web-7\n", "10.0.0.7 Web-7 x WEB-7.example.org # y\n",
	    "WEB-7.example.org" },
	{ "web-7", "web-7\n", "127.0.1.1 web-7.localdomain web-7\n", NULL },
	{ "web-7", "web-7\n", "#10.0.0.7 web-7.example.org web-7\n", NULL },
	{ "web-7", "web-7\n", "10.0.0.70 web-70.example.org web-70\n", NULL },
	{ "web-7", "web-7\n", "10.0.0.8 web-7.example.org alias\n", NULL },
	{ "web-7", "web-7\n", "\n10.0.0.8\n::1\tweb-7.a.example web-7",
	    "web-7.a.example" },
};

static void
check_names(void)
{
	const struct conf conf = { 0 };

	assert_int_equal(unshare(CLONE_NEWUTS), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct message m;
		struct host *h;

		put("etc/hostname", names[i].hostname);
		put("etc/hosts", names[i].hosts);
		assert_int_equal(sethostname(names[i].name,
		    strlen(names[i].name)), 0);
		h = host_new_at(root, &conf);
		message_init(&m, MSG_HOST);
		host_stamp(h, &m);
		host_describe(h, &m);
		expect(m.hostname, names[i].name);
		expect(m.fqdn, names[i].fqdn);
		host_free(h);
	}
}

static const struct {
	const char *text, *os;
} releases[] = {
	{ "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n",
	    "Debian GNU/Linux 12 (bookworm)" },
	{ "NAME=x\nPRETTY_NAME='Arch Linux'", "Arch Linux" },
	{ "PRETTY_NAME=Alpine\n", "Alpine" },
	{ "PRETTY_NAME=\"a \\\"b\\\" \\$c\"\n", "a \"b\" $c" },
	{ "PRETTY_NAME=\"\"\n", NULL },
	{ "# PRETTY_NAME=x\n", NULL },
};

static void
operating_system(void **state)
{
	const struct conf conf = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(releases) / sizeof(*releases); i++) {
		struct message m;
		struct host *h;

		put("etc/os-release", releases[i].text);
		h = host_new_at(root, &conf);
		message_init(&m, MSG_HOST);
		host_describe(h, &m);
		expect(m.os, releases[i].os);
		host_free(h);
	}
}

static void
forwarding(void **state)
{
	static const struct {
		const char *v4, *v6;
		int64_t want;
	} table[] = {
		{ "0\n", "0\n", 0 }, { "1\n", "0\n", 1 }, { "0\n", "1\n", 1 },
		{ "0\n", "2\n", 1 }, { "1\n", "", 1 }, { "0\n", "", 0 },
		{ "", "", NUM_NONE },
	};
	const struct conf conf = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct message m;
		struct host *h;

		put("proc/sys/net/ipv4/ip_forward", table[i].v4);
		put("proc/sys/net/ipv6/conf/all/forwarding", table[i].v6);
		h = host_new_at(root, &conf);
		message_init(&m, MSG_HOST);
		host_describe(h, &m);
		assert_true(m.forwarding == table[i].want);
		host_free(h);
	}
}

/*
 * Addresses, in a network namespace.
 */

static int
readable(const struct host *h)
{
	struct pollfd p = { .fd = host_fd(h), .events = POLLIN };

	return poll(&p, 1, 200);
}

/* The kernel may have more to say about an address; none of it is a change. */
static void
expect_no_change(struct host *h)
{
	do
		assert_int_equal(host_refresh(h), 0);
	while (readable(h) == 1);
}

static void
run(const char *cmd)
{
	assert_int_equal(system(cmd), 0);
}

static void
expect_addresses(const struct host *h, const char *want)
{
	struct message m;

	message_init(&m, MSG_HOST);
	host_describe(h, &m);
	expect(m.addresses, want);
}

static void
check_addresses(void)
{
	const struct conf conf = { 0 };
	struct message m;
	struct host *h;

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	run("ip link set lo up && ip link add d0 type veth peer d1 && "
	    "ip link set d0 up");
	h = host_new_at(root, &conf);
	expect_addresses(h, NULL);
	assert_int_not_equal(host_fd(h), -1);
	run("ip addr add 203.0.113.9/24 dev d0 && "
	    "ip addr add 192.0.2.3/24 dev d0 && "
	    "ip addr add 169.254.7.7/16 dev d0 && "
	    "ip addr add 2001:db8::7/64 dev d0 nodad");
	assert_int_equal(readable(h), 1);
	assert_int_equal(host_refresh(h), 1);
	expect_addresses(h, "192.0.2.3 203.0.113.9 2001:db8::7");
	expect_no_change(h);
	/* The same address twice is one; another interface is no change. */
	run("ip link set d1 up && "
	    "ip addr add 192.0.2.3/32 dev d1");
	assert_int_equal(readable(h), 1);
	expect_no_change(h);
	run("ip addr del 203.0.113.9/24 dev d0");
	assert_int_equal(readable(h), 1);
	assert_int_equal(host_refresh(h), 1);
	expect_addresses(h, "192.0.2.3 2001:db8::7");
	/* More than fit into a value, and more news than fit into the
	   socket. */
	run("for i in $(seq 1 200); do for j in 1 2 3 4; do "
	    "echo addr add 198.51.100.$i/3$((j % 2)) dev d0; "
	    "echo addr add 203.0.113.$i/3$((j % 2)) dev d0; done; done | "
	    "ip -force -batch - >/dev/null 2>&1 || :");
	assert_int_equal(host_refresh(h), 1);
	expect_no_change(h);
	message_init(&m, MSG_HOST);
	host_describe(h, &m);
	assert_in_range(m.addresses.n, 3880, 3900);
	host_free(h);
}

static void
in_child(void fn(void))
{
	int status;
	pid_t pid;

	if (geteuid() != 0) {
		print_message("wants root\n");
		skip();
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		setenv("CMOCKA_TEST_ABORT", "1", 1);
		fn();
		_exit(77);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 77);
}

static void
full_names(void **state)
{
	(void)state;
	in_child(check_names);
}

static void
addresses(void **state)
{
	(void)state;
	if (system("ip -V >/dev/null 2>&1") != 0) {
		print_message("wants ip(8)\n");
		skip();
	}
	in_child(check_addresses);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(identity),
		T(configured),
		T(found_later),
		T(full_names),
		T(operating_system),
		T(forwarding),
		T(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

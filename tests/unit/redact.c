/* SPDX-License-Identifier: BSD-2-Clause */
/* redact: what is taken out of a command line, and what is not. */
#define _GNU_SOURCE		/* memmem */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "redact.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

/* Arguments are separated by '|' in these tables; `cut` ones have no NUL at
   the end. */
static const char *
redacted(const struct redact *r, const char *args, bool cut)
{
	static char out[16384];
	size_t n = strlen(args), i;
	char *in = malloc(n + !cut);	/* ends where it ends */
	struct buf b;
	bool any;

	for (i = 0; i < n; i++)
		in[i] = args[i] == '|' ? '\0' : args[i];
	if (!cut)
		in[n] = '\0';
	buf_init(&b, out, sizeof(out) - 1);
	any = redact_args(r, in, n + !cut, &b);
	free(in);
	assert_false(b.full);
	for (i = 0; i < b.len; i++)
		if (out[i] == '\0')
			out[i] = i + 1 == b.len && !cut ? '\0' : '|';
	out[b.len] = '\0';
	assert_int_equal(any, strcmp(out, args) != 0);
	return out;
}

static const struct {
	const char *args, *want;
} secrets[] = {
	/* joined */
	{ "x|--password=hunter2", "x|--password=[redacted:7]" },
	{ "x|--password=a b&c;d'e", "x|--password=[redacted:9]" },
	{ "x|password=hunter2", "x|password=[redacted:7]" },
	{ "env|PASSWORD=p|DB_PASSWORD=q|run",
	    "env|PASSWORD=[redacted:1]|DB_PASSWORD=[redacted:1]|run" },
	{ "x|--db-passwd=p|-token=q", "x|--db-passwd=[redacted:1]|"
	    "-token=[redacted:1]" },
	{ "x|--api-key=k|--apikey=k|API_KEY=k", "x|--api-key=[redacted:1]|"
	    "--apikey=[redacted:1]|API_KEY=[redacted:1]" },
	{ "x|--client_secret=s|--secret-key=s", "x|--client_secret=[redacted:1]"
	    "|--secret-key=[redacted:1]" },
	{ "java|-Dspring.datasource.password=p|X",
	    "java|-Dspring.datasource.password=[redacted:1]|X" },
	{ "x|PGPASSWORD=p|MYSQL_PWD=q|DB_PASS=r", "x|PGPASSWORD=[redacted:1]|"
	    "MYSQL_PWD=[redacted:1]|DB_PASS=[redacted:1]" },
	{ "x|password2=p", "x|password2=[redacted:1]" },
	{ "x|password:hunter2", "x|password:[redacted:7]" },
	{ "kubectl|create|secret|generic|s|--from-literal=password=a&b",
	    "kubectl|create|secret|generic|s|"
	    "--from-literal=password=[redacted:3]" },
	{ "x|-o|user=a,password=b,uid=3", "x|-o|user=a,password=[redacted:1],"
	    "uid=3" },
	{ "x|a=1;pwd=2;Password=3;c=4", "x|a=1;pwd=2;Password=[redacted:1];"
	    "c=4" },
	{ "x|AccountName=n;AccountKey=a+b/c==;E=f", "x|AccountName=n;"
	    "AccountKey=[redacted:7];E=f" },
	{ "x|set password = 'a b' for u", "x|set password = '[redacted:3]' "
	    "for u" },
	/* the next argument */
	{ "x|--password|hunter2|y", "x|--password|[redacted:7]|y" },
	{ "x|--Password|hunter2", "x|--Password|[redacted:7]" },
	{ "x|-token|t|--api_key|k", "x|-token|[redacted:1]|--api_key|"
	    "[redacted:1]" },
	{ "x|--pass|p", "x|--pass|[redacted:1]" },
	{ "x|--secret|a b c|y", "x|--secret|[redacted:5]|y" },
	/* headers */
	{ "curl|-H|Authorization: Bearer abc.def|u",
	    "curl|-H|Authorization: Bearer [redacted:7]|u" },
	{ "curl|-H|authorization:Basic dXNlcjpwdw==",
	    "curl|-H|authorization:Basic [redacted:12]" },
	{ "curl|-HAuthorization: token x", "curl|-HAuthorization: token "
	    "[redacted:1]" },
	{ "curl|-H|Authorization: abc", "curl|-H|Authorization: [redacted:3]" },
	{ "curl|--header=Proxy-Authorization: Digest a=\"b\", c=d",
	    "curl|--header=Proxy-Authorization: Digest [redacted:10]" },
	{ "curl|-H|X-Api-Key: k|-H|PRIVATE-TOKEN: t|-H|A: b",
	    "curl|-H|X-Api-Key: [redacted:1]|-H|PRIVATE-TOKEN: [redacted:1]|"
	    "-H|A: b" },
	/* bodies */
	{ "curl|-d|{\"user\":\"u\",\"password\":\"p \\\" q\",\"a\":1}",
	    "curl|-d|{\"user\":\"u\",\"password\":\"[redacted:6]\",\"a\":1}" },
	{ "curl|-d|{\"token\": 123, \"a\": 1}",
	    "curl|-d|{\"token\": [redacted:3], \"a\": 1}" },
	{ "curl|-d|{'secret': 's'}", "curl|-d|{'secret': '[redacted:1]'}" },
	{ "x|{\\\"password\\\":\\\"p\\\"}", "x|{\\\"password\\\":"
	    "\\\"[redacted:1]\\\"}" },
	{ "x|<Password>p q</Password>", "x|<Password>[redacted:3]</Password>" },
	{ "x|user=u%26password%3Dp", "x|user=u%26password%3D[redacted:1]" },
	/* URLs */
	{ "git|clone|https://user:pw@host.example/x",
	    "git|clone|https://user:[redacted:2]@host.example/x" },
	{ "x|postgres://u:p:q@h:5432/db", "x|postgres://u:[redacted:3]@h:5432/"
	    "db" },
	{ "x|redis://:pw@h", "x|redis://:[redacted:2]@h" },
	{ "x|amqp://u:a/b@h/v", "x|amqp://u:[redacted:3]@h/v" },
	{ "x|https://u:p@q@h/", "x|https://u:[redacted:3]@h/" },
	{ "x|https://0123456789abcdef0123@h/", "x|https://[redacted:20]@h/" },
	{ "x|https://0123456789abcdef0123:x-oauth-basic@h/",
	    "x|https://[redacted:20]:[redacted:13]@h/" },
	{ "x|https://h/p?access_token=t&a=b", "x|https://h/p?access_token="
	    "[redacted:1]&a=b" },
	{ "x|https://h/p?a=b&api_key=k", "x|https://h/p?a=b&api_key="
	    "[redacted:1]" },
	/* programs */
	{ "mysql|-uroot|-psecret|db", "mysql|-uroot|-p[redacted:6]|db" },
	{ "/usr/bin/mysqldump|-psecret", "/usr/bin/mysqldump|-p[redacted:6]" },
	{ "sudo|mariadb|-psecret", "sudo|mariadb|-p[redacted:6]" },
	{ "curl|-u|user:pw|http://h/", "curl|-u|user:[redacted:2]|http://h/" },
	{ "curl|-uuser:pw|-Uproxy:pw2", "curl|-uuser:[redacted:2]|"
	    "-Uproxy:[redacted:3]" },
	{ "curl|-sSu|user:pw", "curl|-sSu|user:[redacted:2]" },
	{ "curl|--user|user:a:b|--proxy-user=u:p", "curl|--user|user:"
	    "[redacted:3]|--proxy-user=u:[redacted:1]" },
	{ "curl|--oauth2-bearer|t", "curl|--oauth2-bearer|[redacted:1]" },
	{ "sshpass|-psecret|ssh|-p|22|h", "sshpass|-p[redacted:6]|ssh|-p|"
	    "22|h" },
	{ "sshpass|-p|secret|ssh|-p|22|h", "sshpass|-p|[redacted:6]|ssh|-p|22|"
	    "h" },
	{ "redis-cli|-a|pw|ping", "redis-cli|-a|[redacted:2]|ping" },
	{ "ldapsearch|-x|-w|pw|-D|cn=a", "ldapsearch|-x|-w|[redacted:2]|-D|"
	    "cn=a" },
	{ "docker|login|-u|u|-p|pw", "docker|login|-u|u|-p|[redacted:2]" },
	{ "smbclient|-U|u%pw|//h/s", "smbclient|-U|u%[redacted:2]|//h/s" },
	{ "nmcli|dev|wifi|connect|Home|password|pw", "nmcli|dev|wifi|connect|"
	    "Home|password|[redacted:2]" },
	{ "openssl|enc|-pass|pass:secret", "openssl|enc|-pass|"
	    "pass:[redacted:6]" },
	{ "aws|configure|set|aws_secret_access_key|k",
	    "aws|configure|set|aws_secret_access_key|[redacted:1]" },
	{ "x|aws_secret_access_key=wJalr/K7+x", "x|aws_secret_access_key="
	    "[redacted:10]" },
	{ "x|AWS_SECRET_ACCESS_KEY = k", "x|AWS_SECRET_ACCESS_KEY = "
	    "[redacted:1]" },
	/* their own form */
	{ "x|AKIAIOSFODNN7EXAMPLE|y", "x|[redacted:20]|y" },
	{ "x|id=ASIAIOSFODNN7EXAMPLE,y", "x|id=[redacted:20],y" },
	{ "x|eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln",
	    "x|[redacted:40]" },
	{ "x|t:eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "x|t:[redacted:36]" },
	{ "x|-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
	    "x|-----BEGIN PRIVATE KEY-----[redacted:6]"
	    "-----END PRIVATE KEY-----\n" },
	{ "x|k=\\n-----BEGIN PRIVATE KEY-----\\nMIIE",
	    "x|k=\\n-----BEGIN PRIVATE KEY-----[redacted:6]" },
	{ "x|-----BEGIN|PRIVATE|KEY-----|MIIE|-----END|PRIVATE|KEY-----",
	    "x|-----BEGIN|[redacted:7]|[redacted:8]|[redacted:4]|"
	    "[redacted:8]|PRIVATE|KEY-----" },
	/* for a shell */
	{ "sh|-c|mysql -psecret db", "sh|-c|mysql -p[redacted:6] db" },
	{ "sh|-c|mysql -p'se cret' db", "sh|-c|mysql -p'[redacted:7]' db" },
	{ "bash|-lc|PASSWORD=x run --password y; z", "bash|-lc|PASSWORD="
	    "[redacted:1] run --password [redacted:1]; z" },
	{ "sh|-c|curl -s -u \"user:pw\" http://h | sh",
	    "sh|-c|curl -s -u \"user:[redacted:2]\" http://h | sh" },
	{ "sh|-c|curl -H \"Authorization: Bearer x\" http://h",
	    "sh|-c|curl -H \"Authorization: Bearer [redacted:1]\" http://h" },
	{ "sh|-c|curl -H 'Authorization: Bearer x' h; echo it's",
	    "sh|-c|curl -H 'Authorization: Bearer [redacted:1]' h; echo it's" },
	{ "sh|-c|x --password='a b' y", "sh|-c|x --password='[redacted:3]' y" },
	{ "sh|-c|x --password=a\\ b y", "sh|-c|x --password=[redacted:4] y" },
	{ "sh|-c|export TOKEN=t && x", "sh|-c|export TOKEN=[redacted:1] && x" },
	{ "ssh|-p|22|h|mysql -psecret", "ssh|-p|22|h|mysql -p[redacted:6]" },
	{ "sh|-c|su -c 'mysql -psecret' u", "sh|-c|su -c 'mysql "
	    "-p[redacted:6]' u" },
	{ "sh|-c|x\ncurl -uu:pw h\n", "sh|-c|x\ncurl -uu:[redacted:2] h\n" },
	{ "sh|-c|mysql -p'$ecret'", "sh|-c|mysql -p'[redacted:6]'" },
	{ "sh|-c|don't use --password pw", "sh|-c|don't use --password "
	    "[redacted:2]" },
};

static const char *const harmless[] = {
	"", "x", "ls|-l", "ssh|-p|22|host", "mkdir|-p|/a/b", "cp|-p|a|b",
	/* a path is no secret, and a question has no answer */
	"x|--password-file|/etc/x", "x|--password-file=/etc/x",
	"docker|login|-u|u|--password-stdin", "x|--token-ttl=3600",
	"psql|--no-password|db", "su|--ask-password|u", "gh|--with-token|x",
	"mysql|-p|db", "mysql|--password|-h|host", "x|--password", "x|--token=",
	"x|--password||y", "x|--secret-id-file|f",
	/* prose and names */
	"git|commit|-m|token ring", "git|commit|-m|reset password for bob",
	"git|commit|-m|Fix the secret, token and password code",
	"passwd|root", "kubectl|get|secret|mine", "vault|token|lookup",
	"vim|/etc/passwd", "docker|run|-v|/etc/passwd:/etc/passwd:ro|x",
	"docker|run|-v|secret:/data|x", "grep|token|file", "cat|tokens.txt",
	"x|tokenizer=bert", "x|--secretary=bob", "x|max_tokens=100",
	"x|-oPasswordAuthentication=no", "x|--bypass=y", "ffmpeg|-pass|1|y",
	"x|if token == 3", "x|a::token::b", "x|token=~y", "ls|pass:",
	"x|PWD=/home/u", "x|OLDPWD=/", "password", "x|a.token.b=1",
	/* addresses */
	"x|user@example.net", "git|clone|git@github.com:foo/bar",
	"git|clone|ssh://git@github.com/foo/bar", "x|http://host:8080/",
	"x|http://host:8080/a@b", "x|http://[2001:db8::1]:80/a@b",
	"x|http://host/user:pw@x", "x|https://a.example/?q=x@y:z",
	"x|mailto:a@b", "x|file:///etc/x", "x|//h:s@x",
	"curl|-u|user", "curl|-U|user", "curl|--user-agent|a:b",
	"curl|-o|u:v|http://h", "wget|-u|a:b", "sudo|-u|a:b|x",
	"docker|run|-p|80:80|x", "redis-cli|-h|h", "rsync|-a|x|y",
	"sort|-u|a:b", "http|-b|x", "sh|-c|login -p x",
	/* forms */
	"x|AKIA", "x|AKIAshort", "x|AKIAIOSFODNN7EXAMPLEX", "x|eyJ.",
	"x|eyJabc", "x|eyJhbGciOiJub25lIn0", "x|-----END PRIVATE KEY-----",
	/* what a shell replaces is not there yet */
	"sh|-c|mysql -p$PW -h h", "sh|-c|x --password \"$PW\"",
	"sh|-c|TOKEN=$(cat f) x", "sh|-c|curl -u \"u:${PW}\" h",
	"sh|-c|echo 'token ring'", "sh|-c|ssh -p 22 h; mkdir -p x",
	"sh|-c|PASSWORD= x", "sh|-c|mysql x | ssh -p22 h",
};

/* What the end of a line that was cut may have been. */
static const struct {
	const char *args, *want;
} cut[] = {
	{ "x|https://user:secr", "x|https://user:[redacted:4]" },
	{ "x|http://host:80", "x|http://host:80" },
	{ "x|http://host:80/a:b", "x|http://host:80/a:b" },
	{ "x|--password=secr", "x|--password=[redacted:4]" },
	{ "sh|-c|mysql -p'se cr", "sh|-c|mysql -p[redacted:6]" },
	{ "sh|-c|curl -H 'Authorization: Bearer ab",
	    "sh|-c|curl -H 'Authorization: Bearer [redacted:2]" },
};

static const struct {
	const char *pattern, *args, *want;
} users[] = {
	{ "--my-token=(\\S+)", "x|--my-token=abc|y",
	    "x|--my-token=[redacted:3]|y" },
	{ "sesame", "x|a sesame b|sesame", "x|a [redacted:6] b|[redacted:6]" },
	{ "login ([^ ]+)", "x|login|bob|z", "x|login|[redacted:3]|z" },
	{ "b c", "a|b|c", "a|[redacted:1]|[redacted:1]" },
	{ "^x ", "x|x|y", "[redacted:1]|x|y" },
	{ "y$", "x|y", "x|y" },		/* a blank is behind it */
	{ "z*", "x|zz|y", "x|[redacted:2]|y" },
	{ "a(b)?", "x|a|ab", "x|a|a[redacted:1]" },
	{ "password=x", "x|password=xy", "x|[redacted:10]y" },
};

static const struct {
	const char *pattern, *why;
} unsuitable[] = {
	{ "(", "\"(\": " },
	{ "", "empty" },
	{ "(a)(b)", "\"(a)(b)\": more than one group" },
	{ "(a)\\1", "back-references" },
	{ "a\\", "backslash" },
	{ "a{1", "\"a{1\": " },
};

static struct redact *
built_in(void)
{
	const char *why;
	struct redact *r = redact_new(true, NULL, 0, &why);

	assert_non_null(r);
	return r;
}

static void
takes_secrets_out(void **state)
{
	struct redact *r = built_in();
	size_t i;

	(void)state;
	for (i = 0; i < N(secrets); i++)
		assert_string_equal(redacted(r, secrets[i].args, false),
		    secrets[i].want);
	for (i = 0; i < N(cut); i++)
		assert_string_equal(redacted(r, cut[i].args, true),
		    cut[i].want);
	redact_free(r);
}

static void
leaves_the_rest(void **state)
{
	struct redact *r = built_in();
	size_t i;

	(void)state;
	for (i = 0; i < N(harmless); i++)
		assert_string_equal(redacted(r, harmless[i], false),
		    harmless[i]);
	redact_free(r);
}

static void
takes_patterns(void **state)
{
	struct redact *r;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < N(users); i++) {
		r = redact_new(false, &users[i].pattern, 1, &why);
		assert_non_null(r);
		assert_string_equal(redacted(r, users[i].args, false),
		    users[i].want);
		redact_free(r);
	}
	/* Both kinds, and none. */
	r = redact_new(true, &users[0].pattern, 1, &why);
	assert_string_equal(redacted(r, "x|--my-token=a|--token=b", false),
	    "x|--my-token=[redacted:1]|--token=[redacted:1]");
	redact_free(r);
	r = redact_new(false, NULL, 0, &why);
	assert_string_equal(redacted(r, "x|--token=b", false), "x|--token=b");
	redact_free(r);
}

static void
refuses_patterns(void **state)
{
	const char *pair[2] = { "fine", NULL }, *why;
	char longer[REDACT_PATTERN + 2];
	size_t i;

	(void)state;
	for (i = 0; i < N(unsuitable); i++) {
		pair[1] = unsuitable[i].pattern;
		errno = 0;
		assert_null(redact_new(true, pair, 2, &why));
		assert_int_equal(errno, EINVAL);
		assert_non_null(strstr(why, unsuitable[i].why));
	}
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	pair[1] = longer;
	assert_null(redact_new(true, pair, 2, &why));
	assert_non_null(strstr(why, "longer"));
}

/* More secrets than marks: too much is hidden, not too little. */
static void
hides_the_hundredth(void **state)
{
	struct redact *r = built_in();
	char args[2048] = "x";
	const char *out;
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		strcat(args, "|token=zzz");
	out = redacted(r, args, false);
	assert_null(strstr(out, "zzz"));
	assert_non_null(strstr(out, "|token=[redacted:3]|token="));
	redact_free(r);
}

static void
never_half(void **state)
{
	static const char args[] = "x\0--password=hunter2\0-v";
	struct redact *r = built_in();
	char mem[64];
	struct buf b;
	size_t size;

	(void)state;
	for (size = 0; size < sizeof(mem); size++) {
		buf_init(&b, mem, size);
		assert_true(redact_args(r, args, sizeof(args), &b));
		assert_null(memmem(mem, b.len, "hunter", 6));
		assert_int_equal(b.full, size < sizeof(args) - 7 + 12);
	}
	redact_free(r);
}

/* Any heap of what the rules look for: what is not hidden is as it was. */
static void
survives_anything(void **state)
{
	static const char *const bits[] = { "password", "token", "=", ":", " ",
	    "\"", "'", "\\", "|", "|", "-", "--", "-p", "-u", "curl", "mysql",
	    "://", "@", "user", "/", "&", ",", ";", "$", "(", "{", "}", "<",
	    ">", "-----BEGIN", "-----END", "-----",
	    "AKIAIOSFODNN7EXAMPLE", "eyJ", ".", "abcdefghij", "Authorization",
	    "Bearer", "sh|-c|", "%3D", "\n", "login", "\xff" };
	struct redact *r = built_in();
	unsigned seed = 7;
	char args[4096];
	const char *out, *in;
	int i, k;

	(void)state;
	for (i = 0; i < 30000; i++) {
		args[0] = '\0';
		for (k = rand_r(&seed) % 40; k > 0; k--)
			strcat(args, bits[rand_r(&seed) % N(bits)]);
		out = redacted(r, args, i % 2);
		for (in = args; *out != '\0'; out++)
			if (strncmp(out, "[redacted:", 10) == 0) {
				in += strtoul(out + 10, (char **)&out, 10);
				assert_int_equal(*out, ']');
			} else
				assert_int_equal(*out, *in++);
		assert_int_equal(*in, '\0');
	}
	redact_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_secrets_out),
		cmocka_unit_test(leaves_the_rest),
		cmocka_unit_test(takes_patterns),
		cmocka_unit_test(refuses_patterns),
		cmocka_unit_test(hides_the_hundredth),
		cmocka_unit_test(never_half),
		cmocka_unit_test(survives_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

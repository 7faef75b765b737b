/* Who is who on the sync port and the people's port; OpenSSL is the stranger. */
#include "province.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct province p, foreign;
static struct tls *sync_tls, *people_tls;
static struct listener *sync_port, *people_port;

static void copy(const char *from, const char *to)
{
  char out[256];
  assert_int_equal(province_run(out, sizeof out, "cp %s/%s.key %s/%s.key && cp %s/%s.crt %s/%s.crt",
                                foreign.folder, from, p.folder, to, foreign.folder, from, p.folder, to),
                   0);
}

static int open_ports(void **state)
{
  (void)state;
  province_open(&p);
  province_open(&foreign);
  copy("node", "foreign-node");
  copy("hub", "foreign-hub");
  copy("ca", "foreign-ca");
  province_issue(&p, "expired", CERT_NODE, 330127, clock_wall_ms() - 1000);
  province_issue(&p, "node-people", CERT_PEOPLE, 330127, 0);
  sync_tls = province_tls(&p, TLS_SYNC_SERVER, "hub", "ca");
  people_tls = province_tls(&p, TLS_PEOPLE_SERVER, "people", "ca");
  sync_port = province_echo(sync_tls, NULL);
  people_port = province_echo(people_tls, NULL);
  return 0;
}

static int close_ports(void **state)
{
  (void)state;
  listener_close(sync_port);
  listener_close(people_port);
  tls_close(sync_tls);
  tls_close(people_tls);
  province_close(&p);
  province_close(&foreign);
  return 0;
}

/* What a pinned client makes of the certificate a server shows. */
static bool client_accepts(const char *server_name, const char *client_authority)
{
  struct tls *server = province_tls(&p, TLS_SYNC_SERVER, server_name, "ca");
  struct tls *client = province_tls(&p, TLS_SYNC_CLIENT, "node", client_authority);
  struct listener *port = province_echo(server, NULL);
  struct link *link = province_dial(client, listener_port(port));
  bool accepted = link != NULL;
  link_close(link);
  listener_close(port);
  tls_close(server);
  tls_close(client);
  return accepted;
}

static bool greeted_with(const char *name, const char *who)
{
  struct tls *client = province_tls(&p, TLS_SYNC_CLIENT, name, "ca");
  struct link *link = province_dial(client, listener_port(sync_port));
  bool ok = link && province_greeted(link, who);
  link_close(link);
  tls_close(client);
  return ok;
}

/* OpenSSL as a client with more arguments; what it and the server say. */
static const char *stranger(struct listener *port, const char *arguments)
{
  static char out[32768];
  char address[32];
  snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)listener_port(port));
  province_run(out, sizeof out,
               "cd %s && echo bye | timeout 10 openssl s_client -ign_eof -connect %s %s 2>&1", p.folder,
               address, arguments);
  return out;
}

static void a_node_is_known_by_its_certificate(void **state)
{
  (void)state;
  assert_true(greeted_with("node", "330127"));
  assert_true(greeted_with("other", "330182"));
}

static void who_shows_no_certificate_is_nobody(void **state)
{
  (void)state;
  struct tls *client = province_enrol(&p);
  struct link *link = province_dial(client, listener_port(sync_port));
  assert_non_null(link);
  assert_true(province_greeted(link, "nobody"));
  link_close(link);
  tls_close(client);
}

static void a_node_of_another_authority_is_nobody(void **state)
{
  (void)state;
  assert_true(greeted_with("foreign-node", "nobody"));
}

static void an_expired_node_is_nobody_and_named_as_that(void **state)
{
  (void)state;
  assert_true(greeted_with("expired", "certificate_ended"));
}

/* Ours but for the dates: of what else is wrong nothing is said by that name. */
static void dates_alone_have_a_name(void **state)
{
  (void)state;
  const uint32_t expired = 0x1, revoked = 0x2, not_trusted = 0x8, future = 0x200;
  assert_null(tls_dates_rule(0));
  assert_string_equal(tls_dates_rule(expired), "certificate_ended");
  assert_string_equal(tls_dates_rule(future), "certificate_early");
  assert_null(tls_dates_rule(expired | not_trusted));
  assert_null(tls_dates_rule(future | revoked));
}

static void a_servers_certificate_makes_no_node(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct tls *tls;
  char crt[160], key[160], ca[160];
  snprintf(crt, sizeof crt, "%s/node-people.crt", p.folder);
  snprintf(key, sizeof key, "%s/node-people.key", p.folder);
  snprintf(ca, sizeof ca, "%s/ca.crt", p.folder);
  assert_false(
      tls_open(&tls,
               &(struct tls_config){
                   .use = TLS_SYNC_CLIENT, .certificate_path = crt, .key_path = key, .authority_path = ca},
               &err));
  assert_non_null(strstr(err.text, "not for a client"));
  /* OpenSSL shows it all the same. */
  const char *out = stranger(sync_port, "-tls1_2 -cert node-people.crt -key node-people.key");
  assert_non_null(strstr(out, "hello nobody"));
  assert_null(strstr(out, "hello 3"));
}

static void a_certificate_without_usage_makes_no_node(void **state)
{
  (void)state;
  char out[2048];
  int code = province_run(out, sizeof out,
                          "cd %s && openssl ecparam -name prime256v1 -genkey -noout -out bare.key 2>&1 && "
                          "openssl req -new -key bare.key -subj /CN=330127 -out bare.csr 2>&1 && "
                          "openssl x509 -req -in bare.csr -CA ca.crt -CAkey ca.key -set_serial 7 -days 9 "
                          "-out bare.crt 2>&1",
                          p.folder);
  if (code != 0) fail_msg("%s", out + (strlen(out) > 300 ? strlen(out) - 300 : 0));
  assert_non_null(strstr(stranger(sync_port, "-tls1_2 -cert bare.crt -key bare.key"), "hello nobody"));
  /* The same client with a node's certificate is known, so the test can fail. */
  assert_non_null(strstr(stranger(sync_port, "-tls1_2 -cert node.crt -key node.key"), "hello 330127"));
}

static void a_node_talks_to_the_hub_of_its_authority_alone(void **state)
{
  (void)state;
  assert_true(client_accepts("hub", "ca"));
  assert_false(client_accepts("foreign-hub", "ca"));
  assert_false(client_accepts("hub", "foreign-ca"));
}

static void a_nodes_certificate_never_passes_for_the_hubs(void **state)
{
  (void)state;
  /* A server certificate of a node's people's port: same authority, another name. */
  assert_false(client_accepts("node-people", "ca"));
  /* A client certificate as a server's; our own server refuses to start with it, OpenSSL does not. */
  struct tls *client = province_tls(&p, TLS_SYNC_CLIENT, "node", "ca");
  char out[256], address[32];
  struct err err = ERR_INIT;
  struct link *link = NULL;
  snprintf(address, sizeof address, "127.0.0.1:%d", 20100 + (int)getpid() % 100);
  province_run(out, sizeof out,
               "cd %s && (sleep 6 | timeout 7 openssl s_server -naccept 1 -accept %s -cert "
               "node.crt -key node.key "
               ">/dev/null 2>&1 &)",
               p.folder, address);
  for (int tries = 0; tries < 50; tries++, usleep(100000)) {
    err_clear(&err);
    assert_false(link_dial(&link, client, address, clock_mono_ms() + 4000, &err));
    if (!strstr(err.text, "refused")) break; /* it has started */
  }
  if (err.kind != ERR_DENIED) fail_msg("%s", err.text);
  tls_close(client);
}

static void enrolment_refuses_another_authority_than_the_invites(void **state)
{
  (void)state;
  struct tls *client = province_enrol(&foreign);
  struct link *link = NULL;
  struct err err = ERR_INIT;
  char address[32];
  snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)listener_port(sync_port));
  assert_false(link_dial(&link, client, address, clock_mono_ms() + 5000, &err));
  assert_string_equal(err.rule, "fingerprint");
  tls_close(client);
}

static void the_sync_port_resumes_nothing(void **state)
{
  (void)state;
  assert_non_null(
      strstr(stranger(sync_port, "-tls1_2 -cert node.crt -key node.key -sess_out s.pem"), "New, TLSv1.2"));
  const char *again = stranger(sync_port, "-tls1_2 -sess_in s.pem");
  assert_non_null(strstr(again, "New, TLSv1.2"));
  assert_non_null(strstr(again, "hello nobody"));
}

static void a_ticket_of_the_peoples_port_is_worth_nothing_on_the_sync_port(void **state)
{
  (void)state;
  assert_non_null(strstr(stranger(people_port, "-tls1_2 -sess_out t.pem"), "New, TLSv1.2"));
  assert_non_null(strstr(stranger(people_port, "-tls1_2 -sess_in t.pem"), "Reused, TLSv1.2"));
  assert_non_null(strstr(stranger(sync_port, "-tls1_2 -sess_in t.pem"), "New, TLSv1.2"));
}

static void old_and_weak_tls_is_refused(void **state)
{
  (void)state;
  const char *const refused[] = {
      "-tls1 -cipher ALL:@SECLEVEL=0",
      "-tls1_1 -cipher ALL:@SECLEVEL=0",
      "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256",
      "-tls1_2 -cipher ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0",
      "-tls1_2 -curves secp521r1",
  };
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    assert_null(strstr(stranger(people_port, refused[i]), "hello"));
  const char *const taken[] = {"-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305", "-tls1_2 -curves P-256"};
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
    assert_non_null(strstr(stranger(people_port, taken[i]), "hello nobody"));
}

static void x25519_comes_first(void **state)
{
  (void)state;
  assert_non_null(strstr(stranger(sync_port, "-tls1_2 -curves P-256:X25519"), "Server Temp Key: X25519"));
}

static void nothing_is_renegotiated(void **state)
{
  (void)state;
  char out[16384];
  province_run(out, sizeof out,
               /* OpenSSL leaves when it is refused; nobody waits for the sleep that keeps its input open. */
               "bash -c 'timeout 8 openssl s_client -tls1_2 -connect 127.0.0.1:%u < <(sleep 0.4; echo R; "
               "exec sleep 8 >/dev/null "
               "2>&1)' 2>&1",
               (unsigned)listener_port(people_port));
  assert_non_null(strstr(out, "RENEGOTIATING"));
  /* "unexpected record": on a slow machine our greeting crossed its second hello. */
  if (!strstr(out, "no renegotiation") && !strstr(out, "unexpected record"))
    fail_msg("%s", out + (strlen(out) > 300 ? strlen(out) - 300 : 0));
}

static void a_context_of_files_that_do_not_belong_together_does_not_open(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct tls *tls;
  char crt[160], key[160], ca[160];
  snprintf(crt, sizeof crt, "%s/hub.crt", p.folder);
  snprintf(key, sizeof key, "%s/node.key", p.folder);
  snprintf(ca, sizeof ca, "%s/ca.crt", p.folder);
  struct tls_config config = {
      .use = TLS_SYNC_SERVER, .certificate_path = crt, .key_path = key, .authority_path = ca};
  assert_false(tls_open(&tls, &config, &err));
  assert_non_null(strstr(err.text, "does not belong"));
  err_clear(&err);
  config.key_path = "/nowhere/tls.key";
  assert_false(tls_open(&tls, &config, &err));
  assert_non_null(strstr(err.text, "/nowhere/tls.key"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_node_is_known_by_its_certificate),
      cmocka_unit_test(who_shows_no_certificate_is_nobody),
      cmocka_unit_test(a_node_of_another_authority_is_nobody),
      cmocka_unit_test(an_expired_node_is_nobody_and_named_as_that),
      cmocka_unit_test(dates_alone_have_a_name),
      cmocka_unit_test(a_servers_certificate_makes_no_node),
      cmocka_unit_test(a_certificate_without_usage_makes_no_node),
      cmocka_unit_test(a_node_talks_to_the_hub_of_its_authority_alone),
      cmocka_unit_test(a_nodes_certificate_never_passes_for_the_hubs),
      cmocka_unit_test(enrolment_refuses_another_authority_than_the_invites),
      cmocka_unit_test(the_sync_port_resumes_nothing),
      cmocka_unit_test(a_ticket_of_the_peoples_port_is_worth_nothing_on_the_sync_port),
      cmocka_unit_test(old_and_weak_tls_is_refused),
      cmocka_unit_test(x25519_comes_first),
      cmocka_unit_test(nothing_is_renegotiated),
      cmocka_unit_test(a_context_of_files_that_do_not_belong_together_does_not_open),
  };
  return cmocka_run_group_tests(tests, open_ports, close_ports);
}

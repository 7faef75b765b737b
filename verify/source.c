#include "verify/source.h"

#include "core/base/crypto.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TOKEN_MAX = 200, CERTIFICATE_WRONG = 60, REFUSED_BY_SERVER = 22, CA_PATH_MAX = 40, PEM_LINE = 64 };

/* Set once, before the first thread. */
static const char *ca;
static char token[TOKEN_MAX + 1];

static bool is_url(const char *where)
{
  return strncmp(where, "https://", 8) == 0 || strncmp(where, "http://", 7) == 0;
}

bool source_kind(const char *where, enum source_kind *kind, struct err *err)
{
  struct stat st;
  *kind = SOURCE_URL;
  if (is_url(where)) return true;
  if (stat(where, &st) != 0) return err_set(err, ERR_MISSING, "cannot read %s: %s", where, strerror(errno));
  *kind = S_ISDIR(st.st_mode) ? SOURCE_FOLDER : SOURCE_FILE;
  return true;
}

static bool drain(FILE *file, const char *path, size_t max, struct buf *out, struct err *err)
{
  buf_clear(out);
  for (;;) {
    uint8_t *at = buf_reserve(out, 64 * 1024);
    if (!at) return err_set(err, ERR_IO, "out of memory reading %s", path);
    size_t n = fread(at, 1, 64 * 1024, file);
    out->size -= 64 * 1024 - n;
    if (out->size > max) return err_set(err, ERR_LIMIT, "%s is longer than %zu bytes", path, max);
    if (n == 0) return !ferror(file) || err_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno));
  }
}

static void put_pem(struct buf *out, const struct buf *der)
{
  struct buf letters = BUF_INIT;
  base64_encode(&letters, der->data, der->size);
  put_text(out, "-----BEGIN CERTIFICATE-----\n");
  for (size_t at = 0; at < letters.size; at += PEM_LINE) {
    size_t left = letters.size - at;
    put_bytes(out, letters.data + at, left < PEM_LINE ? left : PEM_LINE);
    put_text(out, "\n");
  }
  put_text(out, "-----END CERTIFICATE-----\n");
  if (letters.bad) out->bad = true;
  buf_wipe(&letters);
}

/* curl reads PEM alone, and a hub hands its authority out in DER, as phones want it: it gets a file that has
 * no name and goes with this program. */
static bool keep_as_pem(const struct buf *der, struct err *err)
{
  static char path[CA_PATH_MAX];
  struct buf pem = BUF_INIT;
  put_pem(&pem, der);
  int file = memfd_create("ca", 0); /* curl inherits it */
  bool ok = !pem.bad && file >= 0 && write(file, pem.data, pem.size) == (ssize_t)pem.size;
  buf_wipe(&pem);
  if (!ok) return err_set(err, ERR_IO, "cannot keep the certificate: %s", strerror(errno));
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  ca = path;
  return true;
}

/* A SEQUENCE that is the whole file, its length in two bytes: every certificate's beginning. */
static bool is_der(const struct buf *bytes)
{
  const uint8_t *p = bytes->data;
  return bytes->size > 4 && p[0] == 0x30 && p[1] == 0x82 && (size_t)(p[2] << 8 | p[3]) + 4 == bytes->size;
}

bool source_ca(const char *path, struct err *err)
{
  struct buf bytes = BUF_INIT;
  bool ok = source_read(path, NULL, 1024 * 1024, &bytes, err);
  if (ok && is_der(&bytes))
    ok = keep_as_pem(&bytes, err);
  else if (ok && bytes.size && memmem(bytes.data, bytes.size, "BEGIN CERTIFICATE", 17))
    ca = path;
  else if (ok)
    ok = err_rule(err, ERR_INPUT, "ca", "ca", "%s is no certificate, neither as PEM nor as DER", path);
  buf_wipe(&bytes);
  return ok;
}

bool source_token(const char *path, struct err *err)
{
  struct buf bytes = BUF_INIT;
  bool ok = source_read(path, NULL, TOKEN_MAX, &bytes, err);
  while (ok && bytes.size && isspace(bytes.data[bytes.size - 1]))
    bytes.size--;
  for (size_t i = 0; ok && i < bytes.size; i++)
    if (!isalnum(bytes.data[i]) && bytes.data[i] != '-' && bytes.data[i] != '_') ok = false;
  if (!ok || bytes.size == 0)
    ok = err_rule(err, ERR_INPUT, "token", "token",
                  "%s does not hold one token as sunlit-hub log-token prints it", path);
  if (ok) snprintf(token, sizeof token, "%.*s", (int)bytes.size, (const char *)bytes.data);
  buf_wipe(&bytes);
  return ok;
}

bool source_may_carry(const char *url)
{
  static const char tls[] = "https://", plain[] = "http://", here[] = "localhost";
  if (strncmp(url, tls, sizeof tls - 1) == 0) return true;
  if (strncmp(url, plain, sizeof plain - 1) != 0) return false;
  const char *host = url + sizeof plain - 1;
  size_t name = strcspn(host, ":/?#");
  if (memchr(host, '@', strcspn(host, "/?#"))) return false; /* what stands before it is no host */
  if (name == sizeof here - 1 && memcmp(host, here, name) == 0) return true;
  return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == name;
}

/* The token goes where nobody can read it on the way. */
static bool may_send_token(const char *url)
{
  return token[0] && source_may_carry(url);
}

/* In the child.  What curl is told in secret comes on its standard input: arguments can be seen by others. */
static void become_curl(const char *url, int input, int output)
{
  const char *argv[16] = {"curl", "-fsS", "--max-time", "60", "--proto", "=http,https", "-K", "-"};
  int n = 8;
  if (ca) argv[n++] = "--cacert";
  if (ca) argv[n++] = ca;
  argv[n++] = "--";
  argv[n++] = url;
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  execvp("curl", (char *const *)(uintptr_t)argv);
  _exit(127);
}

static bool curl_said(int code, const char *url, struct err *err)
{
  if (code == 0) return true;
  if (code == 127)
    return err_set(err, ERR_IO, "curl is not installed: fetch the log's folder and give its path");
  if (code == CERTIFICATE_WRONG)
    return err_rule(
        err, ERR_IO, "ca", "ca",
        "cannot fetch %s: this machine does not know who made its certificate; give the province's CA "
        "with --ca FILE (its hub has it under /ca.crt, its invitations name its fingerprint)",
        url);
  if (code == REFUSED_BY_SERVER && strstr(url, "/tile/entries/"))
    return err_rule(
        err, ERR_DENIED, "token", "token",
        "cannot fetch %s: the entries of the log are read with a token that the province gives out, %s", url,
        token[0] ? "and this one is not in force" : "--token FILE");
  if (code == REFUSED_BY_SERVER) return err_set(err, ERR_MISSING, "%s is not served", url);
  return err_set(err, ERR_IO, "cannot fetch %s (curl %d)", url, code);
}

/* A file without a name: whoever wrote into a pipe would die of a child that has gone already. */
static int what_curl_is_told(const char *url)
{
  char said[TOKEN_MAX + 60] = "";
  if (may_send_token(url)) snprintf(said, sizeof said, "header = \"Authorization: Bearer %s\"\n", token);
  int file = memfd_create("told", MFD_CLOEXEC);
  if (file < 0) return -1;
  if (write(file, said, strlen(said)) == (ssize_t)strlen(said) && lseek(file, 0, SEEK_SET) == 0) return file;
  close(file);
  return -1;
}

/* curl as a child with its answer on a pipe: no shell sees the address. */
static bool fetch(const char *url, size_t max, struct buf *out, struct err *err)
{
  int ends[2], told = what_curl_is_told(url);
  if (told < 0) return err_set(err, ERR_IO, "cannot tell curl: %s", strerror(errno));
  if (pipe2(ends, O_CLOEXEC) != 0) {
    close(told);
    return err_set(err, ERR_IO, "no pipe: %s", strerror(errno));
  }
  pid_t child = fork();
  if (child == 0) become_curl(url, told, ends[1]);
  close(told);
  close(ends[1]);
  FILE *answer = child > 0 ? fdopen(ends[0], "rb") : NULL;
  if (!answer) {
    close(ends[0]);
    if (child > 0) waitpid(child, NULL, 0);
    return err_set(err, ERR_IO, "cannot start curl: %s", strerror(errno));
  }
  bool ok = drain(answer, url, max, out, err);
  fclose(answer);
  int status = 0;
  waitpid(child, &status, 0);
  return ok && curl_said(WIFEXITED(status) ? WEXITSTATUS(status) : -1, url, err);
}

bool source_read(const char *where, const char *name, size_t max, struct buf *out, struct err *err)
{
  char path[4096];
  int n = name ? snprintf(path, sizeof path, "%s/%s", where, name) : snprintf(path, sizeof path, "%s", where);
  if (n < 0 || (size_t)n >= sizeof path)
    return err_set(err, ERR_INPUT, "the path %.60s... is too long", where);
  if (is_url(where)) return fetch(path, max, out, err);
  struct stat st;
  /* In a folder that somebody handed over: reading a pipe would wait for whoever writes it. */
  if (name && stat(path, &st) == 0 && !S_ISREG(st.st_mode))
    return err_set(err, ERR_INPUT, "%s is no file", path);
  FILE *file = fopen(path, "rbe");
  if (!file) return err_set(err, ERR_MISSING, "cannot read %s: %s", path, strerror(errno));
  bool ok = drain(file, path, max, out, err);
  fclose(file);
  return ok;
}

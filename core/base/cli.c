#include "core/base/cli.h"

#include "core/base/say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

static void print_command(const struct cli *cli, const struct cli_command *command)
{
  say("  %s %s", cli->program, command->name);
  for (const struct cli_option *o = command->options; o->name; o++) {
    const char *value = o->value ? o->value : "";
    say(" %s--%s%s%s%s", o->required ? "" : "[", o->name, *value ? " " : "", value, o->required ? "" : "]");
  }
  say("%s%s\n      %s\n", command->operand ? " " : "", command->operand ? command->operand : "",
      command->help);
}

static int print_help(const struct cli *cli)
{
  say("%s - %s\n\n", cli->program, cli->about);
  for (size_t i = 0; i < cli->count; i++)
    print_command(cli, &cli->commands[i]);
  say("  %s --help | --version\n\nExit status: 0 done, 1 refused or not verified, 2 usage.\n", cli->program);
  return EXIT_DONE;
}

static int print_command_help(const struct cli *cli, const struct cli_command *command)
{
  print_command(cli, command);
  for (const struct cli_option *o = command->options; o->name; o++)
    say("      --%-16s %s\n", o->name, o->help);
  return EXIT_DONE;
}

static int usage(const struct cli *cli, const char *what, const char *which)
{
  say_wrong("%s: %s%s%s; see %s --help\n", cli->program, what, *which ? " " : "", which, cli->program);
  return EXIT_USAGE;
}

static const struct cli_command *find_command(const struct cli *cli, const char *name)
{
  for (size_t i = 0; i < cli->count; i++)
    if (strcmp(cli->commands[i].name, name) == 0) return &cli->commands[i];
  return NULL;
}

/* The place of `--name` or `--name=value` in the command's options; -1 when it has none such. */
static int find_option(const struct cli_command *command, const char *text)
{
  size_t n = strcspn(text, "=");
  for (int i = 0; command->options[i].name; i++)
    if (strlen(command->options[i].name) == n && strncmp(command->options[i].name, text, n) == 0) return i;
  return -1;
}

/* One word of the line, perhaps with the next as its value; the number of words taken, 0 when refused. */
static int take_word(const struct cli *cli, struct cli_args *args, int left, char **words)
{
  if (strncmp(words[0], "--", 2) != 0) {
    if (!args->command->operand || args->operand) return usage(cli, "unexpected", words[0]), 0;
    args->operand = words[0];
    return 1;
  }
  int i = find_option(args->command, words[0] + 2);
  if (i < 0) return usage(cli, "unknown option", words[0]), 0;
  if (args->values[i]) return usage(cli, "given twice:", words[0]), 0;
  const char *equals = strchr(words[0], '=');
  if (!args->command->options[i].value) {
    if (equals) return usage(cli, "takes no value:", words[0]), 0;
    args->values[i] = "";
    return 1;
  }
  args->values[i] = equals ? equals + 1 : left > 1 ? words[1] : NULL;
  if (!args->values[i]) return usage(cli, "no value after", words[0]), 0;
  return equals ? 1 : 2;
}

static int check_required(const struct cli *cli, const struct cli_args *args)
{
  for (int i = 0; args->command->options[i].name; i++)
    if (args->command->options[i].required && !args->values[i]) {
      char option[40];
      snprintf(option, sizeof option, "--%s", args->command->options[i].name);
      return usage(cli, "missing option", option);
    }
  if (args->command->operand && !args->operand) return usage(cli, "missing", args->command->operand);
  return EXIT_DONE;
}

int cli_main(const struct cli *cli, int argc, char **argv)
{
  if (argc < 2) return usage(cli, "no command", "");
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) return print_help(cli);
  if (strcmp(argv[1], "--version") == 0) {
    say("%s %s\n", cli->program, SUNLIT_VERSION);
    return EXIT_DONE;
  }
  struct cli_args args = {.program = cli->program, .command = find_command(cli, argv[1])};
  if (!args.command) return usage(cli, "unknown command", argv[1]);
  for (int i = 2; i < argc;) {
    if (strcmp(argv[i], "--help") == 0) return print_command_help(cli, args.command);
    int taken = take_word(cli, &args, argc - i, argv + i);
    if (taken == 0) return EXIT_USAGE;
    i += taken;
  }
  int bad = check_required(cli, &args);
  if (bad) return bad;
  struct err err = ERR_INIT;
  if ((!cli->before || cli->before(&args, &err)) && args.command->run(&args, &err)) return EXIT_DONE;
  say_wrong("%s %s: %s\n", cli->program, args.command->name, err.text);
  return EXIT_REFUSED;
}

const char *cli_value(const struct cli_args *args, const char *name)
{
  for (int i = 0; args->command->options[i].name; i++)
    if (strcmp(args->command->options[i].name, name) == 0) return args->values[i];
  return NULL;
}

bool cli_int(const char *field, const char *text, long min, long max, long *out, struct err *err)
{
  char *end = NULL;
  errno = 0;
  long v = strtol(text, &end, 10);
  if (errno || end == text || *end || v < min || v > max)
    return err_rule(err, ERR_INPUT, field, "range", "%s %s is not a number from %ld to %ld", field, text, min,
                    max);
  *out = v;
  return true;
}

bool cli_address(const char *field, const char *text, struct cli_address *out, struct err *err)
{
  const char *colon = strrchr(text, ':');
  long port = 0;
  if (!colon) return err_rule(err, ERR_INPUT, field, "address", "%s %s is not ADDR:PORT", field, text);
  if (!cli_int(field, colon + 1, 0, 65535, &port, err)) return err_prefix(err, "%s", text);
  size_t n = (size_t)(colon - text);
  if (n >= 2 && text[0] == '[' && colon[-1] == ']') {
    text++;
    n -= 2;
  }
  if (n >= sizeof out->host)
    return err_rule(err, ERR_INPUT, field, "address", "%s: a host of %zu characters", field, n);
  memcpy(out->host, text, n);
  out->host[n] = 0;
  snprintf(out->port, sizeof out->port, "%ld", port);
  return true;
}

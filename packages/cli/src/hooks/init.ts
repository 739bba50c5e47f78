import type { Hook } from '@oclif/core/hooks';
import { EXIT } from '@rios/sdk/errors/catalog';
import { RiosError } from '@rios/sdk/errors/error';

/** Flags that a topic takes: it has nothing but its help. */
const TOPIC_FLAGS = new Set(['--help', '-h', '--json', '--no-color']);

/** A topic with a flag that it does not have: exit code 2, where oclif shows its help as if all were well. */
const hook: Hook<'init'> = async ({ id, argv, config }) => {
  if (id === undefined || config.findCommand(id) !== undefined || config.findTopic(id) === undefined) return;
  const wrong = argv.find((text) => text.startsWith('-') && !TOPIC_FLAGS.has(text));
  if (wrong === undefined) return;
  const topic = id.replaceAll(':', ' ');
  const [flag] = wrong.split('=');
  const error = new RiosError('USER_UNKNOWN_FLAG', `rios ${topic} has no flag ${flag}`, {
    hint: `See rios ${topic} --help.`,
  });
  // without it oclif takes no notice of what an init hook throws
  throw Object.assign(error, { oclif: { exit: EXIT.usage } });
};

export default hook;

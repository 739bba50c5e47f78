/** Says what is wrong and what to do; `exitCode` as in docs/errors.md. */
export class SetupError extends Error {
  constructor(message, exitCode) {
    super(message);
    this.name = 'SetupError';
    this.exitCode = exitCode;
  }
}

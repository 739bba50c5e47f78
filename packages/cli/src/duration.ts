export { parseDuration } from '@rios/sdk/text/duration';

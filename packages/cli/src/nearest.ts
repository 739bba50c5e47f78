export { nearest } from '@rios/sdk/text/nearest';

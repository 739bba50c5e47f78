export { RiosError } from './errors/error.ts';

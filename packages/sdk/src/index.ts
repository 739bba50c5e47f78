export { type Client, type ClientOptions, createClient } from './api/client.ts';
export { type RouteName, routes } from './api/routes.ts';
export { type Connection, resolveConnection } from './config/connection.ts';
export { type Home, resolveHome } from './config/home.ts';
export { ERRORS, type ErrorCode, EXIT } from './errors/catalog.ts';
export { type ErrorBody, hasCode, RiosError } from './errors/error.ts';
export type {
  ChatCompletion,
  ChatRequest,
  Completion,
  CompletionRequest,
  EventView,
  InviteView,
  ModelView,
  RouteExplanation,
  StatusView,
  WorkerView,
} from './schema/api.ts';
export type { CliEvents, CliResults, ProgressEvent } from './schema/cli-results.ts';
export type { RunSummary } from './schema/inference.ts';
export type { Manifest } from './schema/manifest.ts';
export { VERSION } from './version.ts';

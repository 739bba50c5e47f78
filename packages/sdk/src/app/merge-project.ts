import type { ProjectFile } from '../config/project-schema.ts';

/** Where it comes from: one of these replaces another. */
const SOURCES = ['base', 'image', 'archive', 'model'] as const;

/** Variables and the secrets that they get, from a list of equal names or from pairs. */
export function secretPairs(secrets: ProjectFile['secrets']): Record<string, string> {
  if (secrets === undefined) return {};
  return Array.isArray(secrets) ? Object.fromEntries(secrets.map((name) => [name, name])) : secrets;
}

/** What was given beside rios.yaml (by flags) over what it says; env, secrets and labels are joined by name. */
export function mergeProject(project: ProjectFile, given: ProjectFile): ProjectFile {
  const replaced = SOURCES.some((key) => given[key] !== undefined) ? SOURCES : [];
  const ports = given.ports !== undefined || given.port !== undefined ? (['port', 'ports'] as const) : [];
  const dropped: readonly string[] = [...replaced, ...ports];
  const kept: ProjectFile = Object.fromEntries(
    Object.entries(project).filter(([key]) => !dropped.includes(key)),
  );
  const env = { ...project.env, ...given.env };
  const secrets = { ...secretPairs(project.secrets), ...secretPairs(given.secrets) };
  return { ...kept, ...given, env, secrets, labels: { ...project.labels, ...given.labels } };
}

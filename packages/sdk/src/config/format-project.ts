import { type ProjectFile, projectSchema } from './project-schema.ts';

/** Where editors find what may stand in the file, when @rios/cli is installed beside it. */
export const SCHEMA_PATH = './node_modules/@rios/cli/schema/rios.schema.json';

/** A rios.yaml: keys in the order of their schema, nothing that says nothing. */
export async function formatProject(project: ProjectFile): Promise<string> {
  const { stringify } = await import('yaml');
  const said = new Map<string, unknown>(Object.entries(project));
  const ordered = Object.keys(projectSchema.shape).flatMap((key) => {
    const value = said.get(key);
    return value === undefined || JSON.stringify(value) === '{}' ? [] : [[key, value] as const];
  });
  const head = `# What rios deploy makes of this folder: docs/deploy.md.\n# yaml-language-server: $schema=${SCHEMA_PATH}\n`;
  return head + stringify(Object.fromEntries(ordered));
}

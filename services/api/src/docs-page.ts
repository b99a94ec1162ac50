interface Operation {
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
}

/**
 * The API's documentation as one page without scripts, so that it can be served under a policy that forbids them. `document` is
 * the OpenAPI document; everything of it is escaped.
 */
export function docsPage(document: Record<string, unknown>): string {
  const paths = document.paths as Record<string, Record<string, Operation>>;
  const sections = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => section(method, path, operation)));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Interlock API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2330; background: #fbfbfd }
details { border: 1px solid #d9dce3; border-radius: 6px; margin: .5rem 0; background: #fff }
summary { padding: .5rem .75rem; cursor: pointer }
code, pre { font: 14px/1.45 ui-monospace, monospace }
pre { overflow: auto; margin: 0; padding: .75rem; border-top: 1px solid #d9dce3 }
b { display: inline-block; min-width: 4.5rem }
</style></head><body>
<h1>Interlock API</h1>
<p>Machine-readable: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI 3.1). Send <code>Authorization: Bearer &lt;access token&gt;</code>.
Errors are <code>application/problem+json</code> and name the reason, the rule and the next step.</p>
${sections.join('\n')}
</body></html>
`;
}

function section(method: string, path: string, operation: Operation): string {
  const body = escapeHtml(JSON.stringify(operation, null, 2));
  return `<details><summary><b>${escapeHtml(method.toUpperCase())}</b> <code>/api/v1${escapeHtml(path)}</code> ${escapeHtml(operation.summary)}. <small>${escapeHtml(operation.description)}</small></summary><pre>${body}</pre></details>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

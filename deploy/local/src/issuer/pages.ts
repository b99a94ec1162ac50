/** The few pages of the demonstration issuer. No scripts, nothing from elsewhere. */
function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}input,button{font:inherit;display:block;width:100%;box-sizing:border-box;margin:.3rem 0 1rem;padding:.5rem}code{font-size:1.6em}.wrong{color:#a40000}</style>
<h1>${title}</h1>${body}</html>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export function loginPage(action: string, problem?: string): string {
  return page('Interlock demonstration sign-in', `${problem === undefined ? '' : `<p class="wrong">${escapeHtml(problem)}</p>`}
<form method="post" action="${escapeHtml(action)}">
<label>Name <input name="name" autocomplete="username" autofocus required></label>
<label>Secret <input name="secret" type="password" autocomplete="current-password" required></label>
<button>Sign in</button></form><p>Names and secrets are in <em>demo/principals.json</em> of the state folder.</p>`);
}

/** `form` is the provider's own hidden form; the button submits it by id. */
export function codePage(form: string, problem?: string): string {
  return page('Interlock demonstration sign-in', `<p${problem === undefined ? '' : ' class="wrong"'}>${escapeHtml(problem ?? 'Enter the code that your terminal shows.')}</p>${form}
<button type="submit" form="op.deviceInputForm">Continue</button>`);
}

export function confirmPage(form: string, code: string): string {
  return page('Is this your code?', `<p><code>${escapeHtml(code)}</code></p><p>Go on only if your own terminal shows it: whoever started this will act as you.</p>${form}
<button type="submit" form="op.deviceConfirmForm">Yes, go on</button><button type="submit" form="op.deviceConfirmForm" name="abort" value="yes">No</button>`);
}

export function donePage(): string {
  return page('Signed in', '<p>Your terminal goes on by itself. You can close this page.</p>');
}

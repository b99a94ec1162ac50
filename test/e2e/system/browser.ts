/** A browser of few words: keeps cookies, follows redirects, fills forms. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  async open(url: string, form?: Record<string, string>): Promise<{ readonly status: number; readonly url: string; readonly text: string }> {
    const response = await fetch(url, {
      redirect: 'manual', headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      this.#cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const next = response.headers.get('location');
    return next === null ? { status: response.status, url, text: await response.text() } : this.open(new URL(next, url).href);
  }
}

/** The hidden fields of the page's form, as a browser would send them along. */
export function hiddenFields(page: string): Record<string, string> {
  return Object.fromEntries([...page.matchAll(/name="(\w+)" value="([^"]*)"/g)].filter(([, name]) => name !== 'abort').map(([, name = '', value = '']) => [name, value]));
}

// The page that `GET /` shows, and the two files it needs; served from memory by serve/server.ts.

import html from "./index.html" with { type: "text" };
import script from "./page.js" with { type: "text" };
import style from "./style.css" with { type: "text" };

const FILES = new Map<string, readonly [type: string, text: string]>([
  ["/", ["text/html; charset=utf-8", html]],
  ["/page.js", ["text/javascript; charset=utf-8", script]],
  ["/style.css", ["text/css; charset=utf-8", style]],
]);

/** The page or one of its files, or undefined for another path. Nothing of it may be loaded from elsewhere. */
export function page(path: string): Response | undefined {
  const file = FILES.get(path);
  if (file === undefined) return undefined;
  return new Response(file[1], {
    headers: {
      "content-type": file[0],
      "cache-control": "no-cache",
      "content-security-policy":
        "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      "x-content-type-options": "nosniff",
    },
  });
}

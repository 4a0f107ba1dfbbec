#!/usr/bin/env python3
"""The dashboard as a C table.  usage: embed.py OUT DEPFILE WEB CACHE MISSING

Bundles WEB (web/bundle.py). Where that cannot be, the table holds MISSING, the page that says why, and this succeeds.
"""
import html
import os
import pathlib
import sys


def array(name, data):
    return f'static const unsigned char {name}[] = {{{",".join(str(b) for b in data)}}};\n'


def table(entries):
    """entries: (name, type, plain, gzip, brotli), the page first."""
    parts, rows = ['#include "http/page_assets.h"\n'], []
    for i, (name, kind, *bodies) in enumerate(entries):
        texts = []
        for word, data in zip(('plain', 'gzip', 'brotli'), bodies):
            if data:
                parts.append(array(f'{word}_{i}', data))
            texts.append(f'{{(const char *){word}_{i}, {len(data)}}}' if data else '{NULL, 0}')
        rows.append(f'    {{{{"{name}", {len(name)}}}, "{kind}", {", ".join(texts)}}},\n')
    parts.append(f'static const struct asset assets[] = {{\n{"".join(rows)}}};\n'
                 f'const struct asset *asset_at(size_t i)\n{{\n    return i < {len(rows)} ? &assets[i] : NULL;\n}}\n')
    return '\n'.join(parts)


def entries_of(folder, manifest):
    pages = sorted(manifest(folder), key=lambda f: (f['name'] != 'index.html', f['name']))
    for f in pages:
        plain = (folder / f['name'])
        yield f['name'], f['type'], plain.read_bytes(), *(pathlib.Path(f'{plain}.{e}').read_bytes() for e in ('gz', 'br'))


def main():
    out, depfile, web, cache, missing = sys.argv[1:]
    sys.path.insert(0, web)
    sys.dont_write_bytecode = True
    import bundle
    folder, why = bundle.bundle(web, cache)
    if folder:
        entries = list(entries_of(folder, bundle.manifest))
    else:
        print(f'The server is built without its dashboard: {why}', file=sys.stderr)
        page = pathlib.Path(missing).read_text(encoding='utf-8').replace('{{why}}', html.escape(why.splitlines()[0]))
        entries = [('index.html', 'text/html; charset=utf-8', page.encode(), b'', b'')]
    text = table(entries)
    if not os.path.exists(out) or pathlib.Path(out).read_text(encoding='utf-8') != text:
        pathlib.Path(out).write_text(text, encoding='utf-8')
    needs = [str(p.resolve()) for p in bundle.inputs(pathlib.Path(web))]
    if not folder:
        # A file that is not there: asked again at the next build.
        needs.append(str(pathlib.Path(cache) / 'not-built'))
    pathlib.Path(depfile).write_text(f'{out}: ' + ' '.join(n.replace(' ', '\\ ') for n in needs) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()

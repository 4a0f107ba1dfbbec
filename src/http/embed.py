#!/usr/bin/env python3
"""Text files as C functions.  usage: embed.py OUT FILE...   page.html -> struct str asset_page_html(void)"""
import os
import re
import sys


def main():
    parts = ['#include "http/page_assets.h"\n']
    for path in sys.argv[2:]:
        with open(path, 'rb') as f:
            data = f.read()
        name = re.sub(r'\W', '_', os.path.basename(path))
        numbers = ','.join(str(b) for b in data)
        parts.append(f'static const unsigned char {name}[] = {{{numbers}}};\n'
                     f'struct str asset_{name}(void)\n{{\n'
                     f'    return (struct str){{(const char *){name}, sizeof({name})}};\n}}\n')
    with open(sys.argv[1], 'w', encoding='utf-8') as f:
        f.write('\n'.join(parts))


if __name__ == '__main__':
    main()

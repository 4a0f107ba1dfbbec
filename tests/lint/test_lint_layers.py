#!/usr/bin/env python3
"""scripts/lint-layers on small invented trees: each rule speaks when it is broken, and only then."""
import os
import subprocess
import sys
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'scripts', 'lint-layers')

CLEAN = {
    'src/LAYERS': '''# room | may include | outside headers | notes
base   |            | zlib.h    |
event  | base       |           |
wire   | event base | json-c/*  |
engine | wire event base |      | api
cli    | engine     |           | api
''',
    'src/meson.build': '''needs = {
  'base': [], 'event': ['base'],
  'wire': ['event', 'base'],
  'engine': ['wire', 'event', 'base'],
}
''',
    'include/marquee.h': '#include "marquee_status.h"\n',
    'include/marquee_status.h': '\n',
    'src/base/str.h': '#include <stdint.h>\n#include "marquee_status.h"\n',
    'src/base/str.c': '#include "str.h"\n#include <zlib.h>\n/* #include "wire/json.h" */\n',
    'src/event/event.h': '#include "base/str.h"\n',
    'src/wire/json.h': '#include <json-c/json.h>\n#include "event/event.h"\n',
    'src/engine/engine.c': '#include "marquee.h"\n#include "wire/json.h"\n',
}


def lint(changes):
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**CLEAN, **changes}.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, 'w', encoding='utf-8') as f:
                f.write(text)
        done = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True)
        return done.returncode, done.stdout.splitlines()


class Layers(unittest.TestCase):
    def breach(self, changes, *starts):
        rc, lines = lint(changes)
        self.assertEqual(rc, 1, lines)
        self.assertEqual(len(lines), len(starts), lines)
        for line, start in zip(lines, starts):
            self.assertTrue(line.startswith(start), f'{line!r} does not start with {start!r}')

    def test_clean(self):
        self.assertEqual(lint({}), (0, []))

    def test_room_above(self):
        self.breach({'src/event/rule.c': '\n#include "wire/json.h"\n'},
                    'src/event/rule.c:2: layer: event may not include "wire/json.h"')

    def test_room_above_by_a_relative_path(self):
        self.breach({'src/event/rule.c': '#include "../wire/json.h"\n'},
                    'src/event/rule.c:1: layer: event may not include')

    def test_room_above_whose_file_is_missing(self):
        self.breach({'src/event/rule.c': '#include "wire/none.h"\n'}, 'src/event/rule.c:1: layer: event')

    def test_outside_header(self):
        self.breach({'src/event/rule.c': '#include <zlib.h>\n'},
                    'src/event/rule.c:1: layer: event may not include <zlib.h>')

    def test_threads_are_not_for_all(self):
        self.breach({'src/event/rule.c': '#include <pthread.h>\n#include <stdio.h>\n'},
                    'src/event/rule.c:1: layer: event may not include <pthread.h>')

    def test_public_api(self):
        self.breach({'src/wire/page.c': '#include "marquee.h"\n'}, 'src/wire/page.c:1: api: wire')

    def test_missing(self):
        self.breach({'src/wire/page.c': '#include "base/none.h"\n'}, 'src/wire/page.c:1: missing: "base/none.h"')

    def test_cycle(self):
        self.breach({'src/base/a.h': '#include "b.h"\n', 'src/base/b.h': '\n\n#include "a.h"\n'},
                    'src/base/b.h:3: cycle: src/base/a.h -> src/base/b.h -> src/base/a.h')

    def test_name_twice(self):
        self.breach({'src/wire/str.c': '\n'}, 'src/wire/str.c:1: name: str.c is also src/base/str.c')

    def test_length(self):
        self.breach({'src/wire/long.c': '\n' * 601}, 'src/wire/long.c:601: length: 601 lines')
        self.assertEqual(lint({'src/wire/long.c': '\n' * 600})[0], 0)

    def test_needs(self):
        table = CLEAN['src/meson.build'].replace("'wire': ['event', 'base']", "'wire': ['base', 'store']")
        self.breach({'src/meson.build': table},
                    'src/meson.build:3: needs: wire does not link event',
                    'src/meson.build:3: needs: wire links store')

    def test_order(self):
        self.breach({'src/LAYERS': CLEAN['src/LAYERS'].replace('event  | base ', 'event  | wire base ')},
                    'src/LAYERS:3: order: event: wire does not stand above it',
                    'src/meson.build:2: needs: event does not link wire')

    def test_unknown_room(self):
        self.breach({'src/attic/old.c': '\n'}, 'src/attic/old.c:1: room: src/attic has no line')


if __name__ == '__main__':
    unittest.main(verbosity=2)

#!/usr/bin/env python3
"""What `meson install` lays out, staged in an empty folder; a program outside the tree then uses it."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

BUILD = sys.argv.pop(1)
USER = '''#include <marquee.h>
#include <stdio.h>
int main(void)
{
    struct mq_error err = {0};
    struct mq_engine *engine = NULL;
    struct mq_options options = {.must_exist = true};
    if (mq_engine_open("folder-that-is-not-there", &options, &engine, &err) == 0)
        return 1;
    puts(err.text);
    return 0;
}
'''


def option(name):
    with open(os.path.join(BUILD, 'meson-info', 'intro-buildoptions.json'), encoding='utf-8') as f:
        return next(o['value'] for o in json.load(f) if o['name'] == name)


def targets():
    with open(os.path.join(BUILD, 'meson-info', 'intro-targets.json'), encoding='utf-8') as f:
        return {t['name'] for t in json.load(f)}


class Install(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        stage = os.path.join(self.folder.name, 'stage')
        subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--quiet', '--destdir', stage],
                       check=True, stdin=subprocess.DEVNULL)
        self.prefix = stage + option('prefix')
        self.lib = os.path.join(self.prefix, option('libdir'))

    def test_layout(self):
        wanted = ['include/marquee.h', 'include/marquee_audience.h', 'include/marquee_status.h', 'include/marquee_strategy.h',
                  os.path.join(option('libdir'), 'libmarquee.a'),
                  os.path.join(option('libdir'), 'pkgconfig/marquee.pc')]
        if 'marquee' in targets() and os.path.exists(os.path.join(BUILD, 'marquee')):
            wanted.append('bin/marquee')
        missing = [w for w in wanted if not os.path.isfile(os.path.join(self.prefix, w))]
        self.assertEqual(missing, [])

    def test_archive_is_whole(self):
        archive = os.path.join(self.lib, 'libmarquee.a')
        with open(archive, 'rb') as f:
            self.assertEqual(f.read(8), b'!<arch>\n', 'a thin archive names object files of the build folder')

    def test_a_program_uses_it(self):
        env = dict(os.environ, PKG_CONFIG_PATH=os.path.join(self.lib, 'pkgconfig'))
        flags = subprocess.run(['pkg-config', '--define-variable=prefix=' + self.prefix, '--cflags', '--libs', 'marquee'], env=env,
                               capture_output=True, text=True)
        self.assertEqual(flags.returncode, 0, flags.stderr)
        source = os.path.join(self.folder.name, 'user.c')
        program = os.path.join(self.folder.name, 'user')
        with open(source, 'w', encoding='utf-8') as f:
            f.write(USER)
        sanitize = option('b_sanitize')
        extra = [] if sanitize == 'none' else ['-fsanitize=' + sanitize]
        # OpenBLAS, RocksDB and the rest are asked for as shared libraries: no -static.
        built = subprocess.run([os.environ.get('CC', 'cc'), '-o', program, source] + extra + flags.stdout.split(),
                               capture_output=True, text=True)
        self.assertEqual(built.returncode, 0, built.stderr)
        ran = subprocess.run([program], capture_output=True, text=True, cwd=self.folder.name)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn('folder-that-is-not-there', ran.stdout)


if __name__ == '__main__':
    unittest.main(verbosity=2)

#!/usr/bin/env python3
"""A server that was built without Node.js: it answers, and / says why there is no dashboard.  usage: test_bare.py MARQUEE"""
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'http'))
from served import Program, Server, main  # noqa: E402


class Bare(unittest.TestCase):
    def test_the_page_says_why(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(pathlib.Path(folder) / 'data')
            try:
                status, headers, text = server.ask('GET', '/')
                self.assertEqual((status, headers['Content-Type']), (200, 'text/html; charset=utf-8'))
                page = text.decode()
                self.assertIn('Node.js or npm is not installed', page)
                self.assertIn("default-src 'none'", headers['Content-Security-Policy'])
                self.assertNotRegex(page, r'<script|\{\{')
                self.assertFalse(re.findall(r'/assets/', page), 'nothing that is not there')
                self.assertEqual(server.ask('GET', '/assets/app-ABCDEFGH.js')[0], 404)
                self.assertEqual(server.ask('PUT', '/v1/titles/t1', {'name': 'One'})[0], 200)
                self.assertEqual(server.ask('GET', '/v1/viewers/anna/home')[0], 200)
            finally:
                self.assertEqual(server.stop(), 0)


if __name__ == '__main__':
    main(sys.argv)

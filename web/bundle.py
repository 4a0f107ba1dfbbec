"""The dashboard's files: what npm's lock pins is installed and web/src bundled, both kept in a cache folder.

bundle(web, cache) -> (folder with manifest.json, None), or (None, why not). Never raises for want of node, npm or a registry:
the server builds without, and says so at /.
"""
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import time

LEAST_NODE = 18
RETRY_S = 600  # after npm found no registry
NPM = ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1', '--fetch-timeout=20000']
PACKAGE = ('package.json', 'package-lock.json', '.npmrc')


def inputs(web):
    """All that a bundle depends on; folders too, for files that come and go."""
    found = [web / name for name in PACKAGE] + [web / 'build.mjs', web / 'bundle.py']
    for folder, folders, names in os.walk(web / 'src'):
        folders.sort()
        found.append(pathlib.Path(folder))
        found += [pathlib.Path(folder) / name for name in sorted(names)]
    return found


def digest(paths, root):
    h = hashlib.sha256()
    for path in paths:
        if path.is_file():
            h.update(str(path.relative_to(root)).encode() + b'\0' + path.read_bytes() + b'\0')
    return h.hexdigest()[:24]


def no_node():
    node, npm = shutil.which('node'), shutil.which('npm')
    if not node or not npm or os.environ.get('MARQUEE_NO_NODE'):
        return 'Node.js or npm is not installed (scripts/install-packages clients)'
    version = subprocess.run([node, '--version'], capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout.strip().lstrip('v')
    if not version.split('.')[0].isdigit() or int(version.split('.')[0]) < LEAST_NODE:
        return f'Node.js {version} is older than {LEAST_NODE}'
    return None


def install(web, cache, want):
    """node_modules of the lock, in the cache. Returns why not, or None."""
    place, stamp, failed = cache / 'npm', cache / 'npm' / 'installed', cache / 'npm-failed'
    if stamp.exists() and stamp.read_text() == want:
        return None
    if failed.exists() and time.time() - failed.stat().st_mtime < RETRY_S and failed.read_text().startswith(want):
        return failed.read_text().split('\n', 1)[1]
    place.mkdir(parents=True, exist_ok=True)
    for name in PACKAGE:
        shutil.copy(web / name, place / name)
    try:
        done = subprocess.run(NPM, cwd=place, capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL)
        said = [l.strip() for l in done.stderr.splitlines() if 'complete log' not in l and l.strip()]
        why = None if done.returncode == 0 else '; '.join(said[:3]) or f'exit {done.returncode}'
    except (OSError, subprocess.TimeoutExpired) as e:
        why = str(e)
    if why:
        why = f'npm could not install what web/package-lock.json pins ({why[:200]})'
        failed.write_text(f'{want}\n{why}')
        return why
    stamp.write_text(want)
    return None


def build(web, cache, out):
    done = subprocess.run(['node', str(web / 'build.mjs'), str(web / 'src'), str(cache / 'npm' / 'node_modules'), str(out)],
                          capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        return None
    shutil.rmtree(out, ignore_errors=True)
    return 'the bundler failed:\n' + (done.stderr or done.stdout)[-4000:]


def bundle(web, cache):
    web, cache = pathlib.Path(web), pathlib.Path(cache)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with open(cache / 'lock', 'w', encoding='utf-8') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            out = cache / ('bundle-' + digest(inputs(web), web))
            if (out / 'manifest.json').exists():
                return out, None
            why = no_node() or install(web, cache, digest([web / name for name in PACKAGE], web))
            if why:
                return None, why
            for old in sorted(cache.glob('bundle-*'), key=os.path.getmtime)[:-4]:
                shutil.rmtree(old, ignore_errors=True)
            return (out, None) if not (why := build(web, cache, out)) else (None, why)
    except (OSError, subprocess.SubprocessError) as e:
        return None, str(e)


def manifest(folder):
    return json.loads((folder / 'manifest.json').read_text(encoding='utf-8'))

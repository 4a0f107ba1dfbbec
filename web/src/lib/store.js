// A value that components follow.
import {useEffect, useState} from 'preact/hooks';

export function makeStore(value) {
  const followers = new Set();
  return {
    get: () => value,
    set(next) {
      value = typeof next === 'function' ? next(value) : next;
      for (const f of [...followers]) f(value);
    },
    follow(f) {
      followers.add(f);
      return () => followers.delete(f);
    },
  };
}

export function useStore(store) {
  const [value, set] = useState(store.get());
  useEffect(() => {
    set(store.get());
    return store.follow(set);
  }, [store]);
  return value;
}

// sessionStorage and localStorage may be forbidden.
export function kept(storage, name, otherwise) {
  try {
    return storage.getItem(name) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function keep(storage, name, value) {
  try {
    if (value) storage.setItem(name, value);
    else storage.removeItem(name);
  } catch {
    // it lasts as long as the page, then
  }
}

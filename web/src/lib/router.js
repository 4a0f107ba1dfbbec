// Addresses are behind the "#": #/viewer/v-17?device=tv. So ids of viewers stay in the browser and out of any proxy's log.
import {makeStore, useStore} from './store.js';

function read() {
  const [where, parameters = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const decode = s => {
    try {
      return decodeURIComponent(s);
    } catch {
      return s;
    }
  };
  const [page = '', ...parts] = where.split('/').map(decode);
  return {page, parts, parameters: Object.fromEntries(new URLSearchParams(parameters))};
}

const route = makeStore(read());
addEventListener('hashchange', () => route.set(read()));

export const useRoute = () => useStore(route);

export function href(page, parts = [], parameters = {}) {
  const q = new URLSearchParams(Object.entries(parameters).filter(([, v]) => v !== undefined && v !== null && v !== '' && v !== false));
  const text = q.toString();
  return '#/' + [page, ...parts].map(encodeURIComponent).join('/') + (text ? '?' + text : '');
}

export function go(to, replace) {
  if (replace) {
    history.replaceState(null, '', to);
    route.set(read());
  } else {
    location.hash = to;
  }
}

// Lays these over the parameters there are.
export function setParameters(more, replace = true) {
  const r = read();
  go(href(r.page, r.parts, {...r.parameters, ...more}), replace);
}

/* global URLSearchParams, document, window, location, history, fetch, performance, navigator, DOMParser, EventSource, setTimeout, clearTimeout, setInterval, AbortSignal */
// The payer's page comes whole from the server; this keeps it up to date. It knows no states and decides nothing.
const main = document.querySelector('main');
const stale = document.getElementById('stale');
const said = document.getElementById('said');
const page = () => document.getElementById('page');
/** Without a word for so long, the stream counts as broken: it sends one every ten seconds. */
const silentMs = 25_000;
const pollsMs = [2_000, 5_000, 15_000, 60_000];

// What is left is counted by the server's clock, from the moment at which the page was written.
let writtenAt = performance.now();
let asOf = '';
const now = () => Number(page().dataset.now) + performance.now() - writtenAt;
const two = (figure) => String(figure).padStart(2, '0');
/** On the clock of the page's foot: GMT+8, which knows no summer. */
const clockOf = (ms) => new Date(ms + 8 * 3_600_000).toISOString().slice(11, 19);

function count() {
  for (const left of document.querySelectorAll('[data-until]')) {
    const seconds = Math.max(0, Math.ceil((Number(left.dataset.until) - now()) / 1000));
    const hours = Math.floor(seconds / 3600);
    const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    const text = hours > 0 ? `${hours}:${rest}` : rest;
    left.textContent = left.dataset.words.replace('{left}', text);
  }
}

function showCopies() {
  for (const button of document.querySelectorAll('[data-copy]')) button.hidden = false;
}

function nameChoice() {
  const chosen = document.querySelector('#choose input[name=offer]:checked');
  if (chosen) document.getElementById('pay').textContent = chosen.dataset.pay;
}

function heardNow() {
  asOf = clockOf(now());
  stale.hidden = true;
}

function tellStale() {
  stale.textContent = stale.dataset.words.replace('{time}', asOf);
  stale.hidden = false;
}

/** Puts the page of now in the place of the old one. What is being chosen stays chosen. */
async function refresh() {
  const answer = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('page');
  if (!fresh || !fresh.dataset.version) throw new Error('no page');
  const isNew = fresh.dataset.version !== page().dataset.version;
  if (isNew) {
    const chosen = document.querySelector('#choose input[name=offer]:checked');
    page().replaceWith(fresh);
    const again = chosen && document.querySelector(`#choose input[value="${chosen.value}"]`);
    if (again) again.checked = true;
    said.textContent = fresh.querySelector('h1')?.textContent.trim() ?? '';
  } else page().dataset.now = fresh.dataset.now;
  writtenAt = performance.now();
  heardNow();
  dress();
}

function dress() {
  count();
  showCopies();
  nameChoice();
  leave();
}

/** Just chosen: on to the wallet, and "back" comes to this page without being sent on again. */
function leave() {
  const asked = new URLSearchParams(location.search);
  const link = document.getElementById('go') ?? document.getElementById('bridge');
  if (!asked.has('go') || !link) return;
  asked.delete('go');
  history.replaceState(null, '', asked.size > 0 ? `${location.pathname}?${asked}` : location.pathname);
  link.click();
}

/** The wallet's own script. What it says of the payment proves nothing: the page then asks the channel. */
function callBridge(button) {
  const bridge = JSON.parse(button.dataset.bridge);
  const given = JSON.parse(button.dataset.given);
  const back = () => location.assign(`${location.pathname}?return=1`);
  const call = () => window[bridge.object][bridge.method](bridge.call, given, back);
  if (window[bridge.object]) call();
  else document.addEventListener(bridge.ready, call, { once: true });
}

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    if (!document.execCommand('copy')) return; // the text is selected: the payer copies it himself
  }
  button.textContent = main.dataset.copied;
  said.textContent = main.dataset.copied;
}

document.addEventListener('click', ({ target }) => {
  const button = target.closest('button');
  if (button?.id === 'bridge') callBridge(button);
  if (button?.dataset.copy) void copy(button);
});
document.addEventListener('change', nameChoice);
document.addEventListener('submit', (event) => {
  const button = event.target.querySelector('button');
  if (button.getAttribute('aria-busy') === 'true') event.preventDefault();
  button.setAttribute('aria-busy', 'true');
});

// Live: the stream says that something has changed, and lives; where it breaks the page is asked for, ever more slowly.
let silence;
let polls = 0;
let poll;

function pollSoon() {
  clearTimeout(poll);
  poll = setTimeout(
    async () => {
      await refresh().catch(tellStale);
      polls += 1;
      pollSoon();
    },
    pollsMs[Math.min(polls, pollsMs.length - 1)],
  );
}

function alive() {
  clearTimeout(silence);
  clearTimeout(poll);
  poll = undefined;
  polls = 0;
  silence = setTimeout(broken, silentMs);
}

function broken() {
  tellStale();
  if (poll === undefined) pollSoon();
}

function listen() {
  const stream = new EventSource(main.dataset.events + location.search);
  stream.addEventListener('version', ({ data }) => {
    alive();
    if (data === page().dataset.version) heardNow();
    else void refresh().catch(broken);
  });
  stream.addEventListener('error', () => {
    broken();
    // The server said no: it is not asked again by itself.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 15_000);
  });
}

// Kept by "back" as it was left: it may be long out of date.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) void refresh().catch(tellStale);
  for (const button of document.querySelectorAll('button[aria-busy]')) button.removeAttribute('aria-busy');
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void refresh().catch(tellStale);
});
setInterval(count, 1_000);
heardNow();
dress();
listen();

// Two pages of one Chromium call each other over relays alone; what their statistics say goes to stdout as JSON.
//
//   relay_call.js '{"server": "198.51.100.1:3478", "caller": {"username": …, "credential": …}, "callee": {…}}'
//
// Signalling is this program: it carries offer and answer from page to page. Exit code 0 when the call was whole.
'use strict';
const { chromium } = require('playwright-core');

const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--autoplay-policy=no-user-gesture-required', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const ORIGIN = 'https://call.test';
const PATIENCE_MS = 60000;
const FRAMES = 30;
const ECHOES = 50;

// ---- in the pages --------------------------------------------------------------------------------------------------

// A page of its own for each party: `party` is all of it.
function makeParty([server, credentials, echoes]) {
  const connection = new RTCPeerConnection({
    iceServers: [{ urls: `turn:${server}?transport=udp`, ...credentials }], iceTransportPolicy: 'relay' });
  const party = { connection, echoed: 0, errors: [] };
  connection.onicecandidateerror = event => party.errors.push(`${event.errorCode} ${event.errorText}`);
  connection.ontrack = event => {
    // Sound that nobody plays is not decoded.
    const player = document.createElement(event.track.kind);
    player.srcObject = new MediaStream([event.track]);
    player.play();
    document.body.append(player);
  };
  const complete = () => connection.iceGatheringState === 'complete' ? Promise.resolve() : new Promise(resolve => {
    connection.onicegatheringstatechange = () => connection.iceGatheringState === 'complete' && resolve();
  });
  const addMedia = async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } });
    for (const track of stream.getTracks()) connection.addTrack(track, stream);
  };
  const described = async description => {
    await connection.setLocalDescription(description);
    await complete();
    return connection.localDescription.toJSON();
  };
  party.offer = async () => {
    await addMedia();
    const channel = connection.createDataChannel('echo');
    channel.onopen = () => { for (let n = 0; n < echoes; n++) channel.send(`message ${n}`); };
    channel.onmessage = event => { if (event.data === `message ${party.echoed}`) party.echoed++; };
    return described(await connection.createOffer());
  };
  party.answer = async offer => {
    connection.ondatachannel = ({ channel }) => { channel.onmessage = event => channel.send(event.data); };
    await connection.setRemoteDescription(offer);
    await addMedia();
    return described(await connection.createAnswer());
  };
  party.statistics = async () => {
    const all = [...(await connection.getStats()).values()];
    const byId = new Map(all.map(one => [one.id, one]));
    const transport = all.find(one => one.type === 'transport') || {};
    const pair = byId.get(transport.selectedCandidatePairId) || {};
    const side = id => (({ candidateType, protocol, relayProtocol, address }) =>
      ({ candidateType, protocol, relayProtocol, address }))(byId.get(id) || {});
    const inbound = kind => all.find(one => one.type === 'inbound-rtp' && one.kind === kind) || {};
    const codec = kind => (byId.get(inbound(kind).codecId) || {}).mimeType;
    return {
      state: connection.connectionState, errors: party.errors, candidateTypes: [...new Set(
        all.filter(one => one.type === 'local-candidate').map(one => one.candidateType))],
      local: side(pair.localCandidateId), remote: side(pair.remoteCandidateId),
      dtls: transport.dtlsState, srtpCipher: transport.srtpCipher, audioCodec: codec('audio'), videoCodec: codec('video'),
      framesDecoded: inbound('video').framesDecoded || 0, audioEnergy: inbound('audio').totalAudioEnergy || 0,
      packetsLost: (inbound('video').packetsLost || 0) + (inbound('audio').packetsLost || 0), echoed: party.echoed,
    };
  };
  window.party = party;
}

// ---- in this program -----------------------------------------------------------------------------------------------

async function open(browser, ...settings) {
  const page = await browser.newPage();
  // Cameras and microphones are for secure origins; no name is asked for, nothing is fetched.
  await page.route('**/*', route => route.fulfill({ contentType: 'text/html', body: '<!doctype html><body>' }));
  await page.goto(ORIGIN);
  await page.evaluate(makeParty, settings);
  return page;
}

function isWhole(statistics) {
  return statistics.state === 'connected' && statistics.framesDecoded >= FRAMES && statistics.audioEnergy > 0;
}

async function call({ server, caller, callee }) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  try {
    const first = await open(browser, server, caller, ECHOES);
    const second = await open(browser, server, callee, ECHOES);
    const offer = await first.evaluate(() => party.offer());
    const answer = await second.evaluate(one => party.answer(one), offer);
    await first.evaluate(one => party.connection.setRemoteDescription(one), answer);

    const end = Date.now() + PATIENCE_MS;
    let told;
    do {
      told = { version: browser.version(), caller: await first.evaluate(() => party.statistics()),
        callee: await second.evaluate(() => party.statistics()) };
      told.whole = isWhole(told.caller) && isWhole(told.callee) && told.caller.echoed === ECHOES;
    } while (!told.whole && Date.now() < end && await new Promise(resolve => setTimeout(resolve, 100, true)));
    for (const page of [first, second]) await page.evaluate(() => party.connection.close());
    return told;
  } finally {
    await browser.close();
  }
}

call(JSON.parse(process.argv[2])).then(told => {
  console.log(JSON.stringify(told));
  process.exitCode = told.whole ? 0 : 1;
}, failure => {
  console.error(failure);
  process.exitCode = 2;
});

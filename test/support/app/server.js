// The application of the end-to-end tests: says who answers, and does what a path asks for.
const { createServer } = require('node:http');
const { release, hostname } = require('node:os');

const label = process.env.LABEL || 'none';
const healthyAt = Date.now() + Number(process.env.HEALTHY_AFTER_MS || 0);

function answer(request, response) {
  const url = new URL(request.url, 'http://app');
  if (url.pathname === '/healthz') {
    response.statusCode = process.env.NEVER_HEALTHY || Date.now() < healthyAt ? 503 : 200;
    response.end();
  } else if (url.pathname === '/exit') {
    response.end('bye');
    setTimeout(() => process.exit(Number(url.searchParams.get('code') || 0)), 20);
  } else {
    const body = JSON.stringify({ label, kernel: release(), host: hostname(), pid: process.pid });
    setTimeout(() => response.end(body), Number(url.searchParams.get('ms') || 0));
  }
}

console.log(`label ${label} listens`);
if (process.env.NEVER_HEALTHY) console.error('no database here');
createServer(answer).listen(8080);
process.on('SIGTERM', () => process.exit(0));

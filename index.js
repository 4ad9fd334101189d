/** The built credential and node classes, for programs that load this package as a library. */
const { n8n } = require('./package.json');

for (const file of [...n8n.credentials, ...n8n.nodes]) Object.assign(module.exports, require(`./${file}`));

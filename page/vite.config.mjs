// One file is built: shell.html with the script and the style within it, and their hashes in its policy.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const tokens = ['__BAROMETRE_LANG__', '__BAROMETRE_TITLE__', '__BAROMETRE_STATE__', '__BAROMETRE_DATA__'];
const most = 200 * 1024;
const hash = (text) => `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;

function oneFile() {
  return {
    name: 'barometre-one-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      let script = '', style = '';
      for (const [name, file] of Object.entries(bundle)) {
        if (file.type === 'chunk') script += file.code.trim();
        else if (name.endsWith('.css')) style += String(file.source).trim();
        else this.error(`${name} would lie beside the page, which is one file`);
        delete bundle[name];
      }
      // Either would end the script early, or keep its end from being seen.
      if (/<\/script|<script|<!--/i.test(script) || /<\//.test(style)) this.error('the script or the style holds what HTML takes for a tag');
      const parts = { SCRIPT_HASH: hash(script), STYLE_HASH: hash(style), STYLE_TEXT: style, SCRIPT_TEXT: script };
      const shell = readFileSync(fileURLToPath(new URL('shell.html', import.meta.url)), 'utf8');
      const page = shell.replace(/SCRIPT_HASH|STYLE_HASH|STYLE_TEXT|SCRIPT_TEXT/g, (part) => parts[part]);
      for (const token of tokens) if (page.split(token).length !== 2) this.error(`${token} stands in the page other than once`);
      if (Buffer.byteLength(page) > most) this.error(`the page has ${Buffer.byteLength(page)} bytes, which is more than ${most}`);
      this.emitFile({ type: 'asset', fileName: 'barometre.html', source: page });
    },
  };
}

// Kinds of lines that no plot of the page is of; without these the bundler leaves them out.
const unused = ['uPlot.join = join;', '(paths.bars    = bars);', '(paths.spline  = monotoneCubic);'];
function lessOfUPlot() {
  return {
    name: 'barometre-less-of-uplot',
    transform(code, id) {
      if (!/uPlot\.esm\.js$/.test(id)) return undefined;
      for (const line of unused) {
        if (!code.includes(line)) this.error(`uPlot no longer says ${line}; see what its bundle says instead`);
        code = code.replace(line, '');
      }
      return { code, map: null };
    },
  };
}

export default defineConfig({
  plugins: [lessOfUPlot(), oneFile()],
  resolve: { alias: [{ find: /^@dagrejs\/graphlib$/, replacement: fileURLToPath(new URL('src/lineage/graphlib.ts', import.meta.url)) }] },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none', charset: 'utf8' },
  build: {
    target: 'es2020', outDir: 'dist', emptyOutDir: true, minify: 'terser', terserOptions: { ecma: 2020, module: false, toplevel: true, compress: { passes: 3, unsafe_arrows: true }, format: { comments: false } }, cssMinify: 'esbuild', reportCompressedSize: false, copyPublicDir: false,
    modulePreload: false,
    lib: { entry: 'src/main.tsx', formats: ['iife'], name: 'barometre', fileName: () => 'barometre.js' },
  },
});

import { defineConfig } from 'vite';

// Every file is served by 'edgeroute ui' itself, under a policy that lets nothing inline run: no preload shim, no data in the page.
export default defineConfig({
    build: { modulePreload: false, assetsInlineLimit: 0, reportCompressedSize: true, target: 'es2022' },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});

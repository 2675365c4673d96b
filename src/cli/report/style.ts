import { Html } from './html.ts'

/** Name of each colour in light and in dark; all stand out from the page by 3 : 1 at least, those of text by 4.5 : 1. */
export const colours: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  page: ['#fcfbf8', '#161513'],
  ink: ['#1d1c1a', '#ece9e2'],
  soft: ['#625f58', '#a8a49a'],
  rule: ['#e4e0d7', '#312f2b'],
  native: ['#c2410c', '#fb8b50'],
  worker: ['#1c6ea4', '#64b1e8'],
  plain: ['#6f6b63', '#a19d93'],
  inline: ['#8a6a1c', '#d3b267'],
  other: ['#4c5a73', '#9fb0cf'],
  memory: ['#1c6ea4', '#64b1e8'],
  arithmetic: ['#7a4bb0', '#bd9df2'],
  peer0: ['#7a4bb0', '#bd9df2'],
  peer1: ['#0d7566', '#4fc4b1'],
  peer2: ['#b0306f', '#f08bbd'],
  peer3: ['#4b741b', '#a6cd6c'],
  peer4: ['#85562a', '#d3a377'],
  peer5: ['#3f51b5', '#9fabf5'],
}

const variables = (index: 0 | 1): string =>
  Object.entries(colours)
    .map(([name, values]) => `--${name}:${values[index]}`)
    .join(';')

const classes = Object.keys(colours)
  .map((name) => `.${name}{--c:var(--${name})}`)
  .join('\n')

export const style = new Html(`
:root{color-scheme:light dark;${variables(0)}}
@media (prefers-color-scheme:dark){:root{${variables(1)}}}
${classes}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:66rem;margin:0 auto;padding:clamp(1.5rem,5vw,4.5rem) clamp(1rem,4vw,2.5rem)}
h1,h2{font-family:ui-serif,"Iowan Old Style",Charter,"Palatino Linotype",Palatino,Georgia,serif;font-weight:500;letter-spacing:-.012em;line-height:1.15;text-wrap:balance}
h1{font-size:clamp(2rem,6vw,3.4rem);margin:.2em 0 .35em}
h2{font-size:clamp(1.5rem,3.4vw,2rem);margin:0 0 .4em}
h3{font-size:.95rem;font-weight:600;margin:0 0 .5rem}
h3 small{font-weight:400;color:var(--soft);font-size:inherit}
p{max-width:42rem;margin:0 0 1.1em}
section,footer{margin-top:clamp(3rem,7vw,5.5rem);border-top:1px solid var(--rule);padding-top:clamp(1.5rem,3vw,2.25rem)}
.eyebrow{color:var(--soft);font-size:.9rem;margin:0}
.machine,footer p,figcaption,.notes{color:var(--soft);font-size:.875rem}
.warning{font-size:.875rem;border-left:3px solid var(--native);padding-left:.75rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:1.75rem 2rem;margin:2.5rem 0 0}
.figures div{display:flex;flex-direction:column-reverse;justify-content:flex-end}
.figures dt{color:var(--soft);font-size:.875rem;line-height:1.4}
.figures dd{margin:0;font:500 clamp(1.9rem,4vw,2.6rem)/1.15 ui-serif,"Iowan Old Style",Charter,Palatino,Georgia,serif}
.limits{display:flex;flex-wrap:wrap;gap:.75rem 2.25rem;margin:0 0 1.5rem}
.limits dt{color:var(--soft);font-size:.8125rem}
.limits dd{margin:0;font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:.35rem 1.25rem;list-style:none;margin:0 0 1rem;padding:0;font-size:.875rem}
.legend li{display:flex;align-items:center;gap:.45rem}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));gap:2.25rem 3rem}
.columns>div{min-width:0}
figure{margin:0}
figcaption{margin-top:.75rem;max-width:42rem}
figcaption:empty{display:none}
figcaption b{font-weight:600;color:var(--c)}
.row,.axis,.lines{display:grid;grid-template-columns:11rem minmax(0,1fr) 4.25rem;column-gap:1rem;align-items:center}
.rows{position:relative}
.row{position:relative}
.lines{position:absolute;inset:0}
.lines svg{grid-column:2;width:100%;height:100%}
.row:hover{background:color-mix(in srgb,var(--rule) 45%,transparent)}
.axis svg{grid-column:2;width:100%;height:1.25rem;display:block;overflow:visible}
.axis text{font-size:.75rem;fill:var(--soft)}
.name{font-size:.875rem;line-height:1.25;padding:.3rem 0;overflow-wrap:anywhere}
.name small{display:block;color:var(--soft);font-size:.75rem}
.value{font-size:.875rem;text-align:right;white-space:nowrap}
.track{width:100%;height:1.75rem;display:block}
.tight .row,.tight .axis,.tight .lines{grid-template-columns:8.25rem minmax(0,1fr) 4.25rem;column-gap:.75rem}
.tight .name{padding:.15rem 0;font-size:.8125rem}
.tight .value{font-size:.8125rem}
.tight .track{height:1.5rem}
.grid{stroke:var(--rule);stroke-width:1}
.grid.limit{stroke:var(--ink);stroke-dasharray:2 3}
.mark,.symbol{overflow:visible;fill:var(--c);stroke:var(--c)}
.mark{stroke-width:0}
.hollow{fill:var(--page);stroke-width:2}
path.hollow{fill:none;stroke-linecap:round}
.symbol{width:.875rem;height:.875rem;flex:none;stroke-width:0}
.whisker{stroke:var(--c);stroke-width:2;opacity:.45}
.bar{fill:var(--c)}
.bar.watched{fill:color-mix(in srgb,var(--soft) 45%,var(--page))}
.data{margin-top:.5rem;font-size:.8125rem}
summary{cursor:pointer}
.data>summary{color:var(--soft);width:fit-content}
.scroll{overflow-x:auto;margin-top:.5rem;max-width:100%}
table{border-collapse:collapse;white-space:nowrap}
th,td{text-align:right;padding:.25rem .9rem .25rem 0;border-bottom:1px solid var(--rule);font-weight:400}
thead th{color:var(--soft)}
th:first-child{text-align:left}
.bench{border-bottom:1px solid var(--rule)}
.bench>summary{padding:.7rem 0;display:flex;gap:.6rem;align-items:baseline}
.bench>summary::before{content:"+";color:var(--soft);width:.8rem}
.bench[open]>summary::before{content:"−"}
.bench>summary::-webkit-details-marker{display:none}
.bench>summary span{color:var(--soft);font-size:.875rem}
.bench>.columns{padding:.75rem 0 2rem}
:focus-visible{outline:2px solid var(--worker);outline-offset:3px}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
@media (max-width:40rem){
.row,.axis,.lines{grid-template-columns:7rem minmax(0,1fr) 3.9rem;column-gap:.6rem}
.tight .row,.tight .axis,.tight .lines{grid-template-columns:6.25rem minmax(0,1fr) 3.9rem;column-gap:.5rem}
}
@media print{.data{display:none}}
`)

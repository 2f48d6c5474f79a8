// The page's style sheet: light and dark, phone and print.

export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f6f7f8; --text: #1a1a1a; --quiet: #4d4d4d; --line: #d6d9dc; --link: #005a9c;
  --good: #0a6b3d; --bad: #a8201a; --open: #7a5200;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #15181b; --raised: #1e2226; --text: #e8eaec; --quiet: #aeb4ba; --line: #3a4148; --link: #7cc0ff; --good: #6fd39b; --bad: #ff9a91; --open: #f0c267; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 72rem; background: var(--ground); color: var(--text); font: 1rem/1.55 system-ui, "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.35rem; margin: 3rem 0 .6rem; padding-top: .6rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.1rem; margin: 2rem 0 .4rem; }
h4 { font-size: 1rem; margin: 0; }
a { color: var(--link); }
a:focus-visible, input:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
p { margin: .4rem 0 .8rem; max-width: 50rem; }
code { font: .9em/1.4 ui-monospace, "DejaVu Sans Mono", monospace; background: var(--raised); padding: .1em .3em; border-radius: 3px; }
pre { background: var(--raised); padding: .8rem; border-radius: 6px; overflow-x: auto; }
pre code { background: none; padding: 0; }
.quiet { color: var(--quiet); }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; margin: 1rem 0 0; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .8rem 0; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; }
.scroll { overflow-x: auto; margin: .5rem 0 .6rem; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .88rem; line-height: 1.4; }
caption { text-align: left; font-weight: 600; padding: .5rem .7rem; }
th, td { padding: .38rem .7rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { position: sticky; top: 0; background: var(--raised); border-top: 0; white-space: nowrap; font-weight: 600; }
tbody th { font-weight: 500; background: var(--ground); }
table:not(.claims) th:first-child { position: sticky; left: 0; z-index: 1; }
td.right, th.right { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.wide { min-width: 13rem; } th.wider { min-width: 20rem; }
.claims td ul { margin: 0; padding-left: 1.1rem; }
.claims th:nth-child(3), .claims td:nth-child(3) { width: 25%; } .claims th:nth-child(4), .claims td:nth-child(4) { width: 36%; }
tbody tr:hover { background: var(--raised); }
.verdict { font-weight: 700; white-space: nowrap; }
.holds { color: var(--good); } .fails { color: var(--bad); } .undecided { color: var(--open); } .not-tested { color: var(--quiet); }
.notes { font-size: .85rem; color: var(--quiet); }
figure { margin: 1.2rem 0 1.6rem; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; }
figcaption p { max-width: none; margin: .1rem 0 .6rem; font-size: .88rem; }
.chart { position: relative; width: 100%; }
fieldset { border: 0; margin: .6rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; font-size: .86rem; }
legend { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap; }
fieldset label { display: inline-flex; align-items: center; gap: .4rem; padding: .15rem 0; cursor: pointer; }
fieldset input { width: 1.05rem; height: 1.05rem; margin: 0; accent-color: var(--quiet); }
.swatch { width: 30px; height: 14px; flex: none; color: var(--light); }
@media (prefers-color-scheme: dark) { .swatch { color: var(--dark); } }
.generated { max-width: 100%; height: auto; background: #fff; }
details { margin: .6rem 0 0; }
summary { cursor: pointer; font-size: .9rem; padding: .2rem 0; }
.filter { display: flex; gap: .6rem; align-items: center; flex-wrap: wrap; font-size: .9rem; }
.filter input { font: inherit; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: 5px; background: var(--ground); color: var(--text); min-width: 14rem; }
@media (max-width: 600px) {
  body { padding: 1rem .8rem 3rem; font-size: .97rem; }
  h1 { font-size: 1.4rem; }
  .facts { grid-template-columns: 1fr; } .facts dd { margin-bottom: .4rem; }
  figure { padding: .7rem .5rem; margin-left: -.3rem; margin-right: -.3rem; }
  th, td { padding: .35rem .5rem; }
  th.wide { min-width: 9rem; } th.wider { min-width: 14rem; }
  .claims thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .claims, .claims caption, .claims tbody, .claims tr, .claims th, .claims td { display: block; }
  .claims tr { border-top: 2px solid var(--line); padding: .5rem 0; }
  .claims th, .claims td { border: 0; padding: .15rem .6rem; }
  .claims td:nth-child(n) { width: auto; }
  .claims th { float: left; font-weight: 700; }
}
@page { size: A4; margin: 12mm; }
@page wide { size: A4 landscape; margin: 12mm; }
@media print {
  :root { --ground: #fff; --raised: #fff; --text: #000; --quiet: #333; --line: #999; --link: #000; --good: #000; --bad: #000; --open: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  #tables { page: wide; }
  nav, .filter, .skip, fieldset input { display: none; }
  .swatch { color: var(--light); }
  figure, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; border: 0; } table { font-size: 7.5pt; } thead th, table:not(.claims) th:first-child { position: static; } thead th { white-space: normal; }
  th, td { padding: .2rem .35rem; } th.wide, th.wider { min-width: 0; }
  details:not([open]) { display: none; }
}
`;

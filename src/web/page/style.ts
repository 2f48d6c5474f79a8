// The style of the page: that of reports, and what only the page has.

import { PAGE_STYLE } from "#report/page/style";

export const APP_STYLE = `${PAGE_STYLE}
[hidden] { display: none !important; }
.app-card { border: 1px solid var(--line); border-radius: 10px; background: var(--ground); padding: 1rem 1.2rem; margin: 1rem 0; }
.app-card h2 { border: 0; margin: 0 0 .2rem; padding: 0; }
.app-card fieldset { min-width: 0; flex-direction: column; gap: .1rem; margin: 0 0 .4rem; font-size: 1rem; }
.app-card legend { position: static; clip-path: none; width: auto; height: auto; overflow: visible; white-space: normal; font-weight: 600; padding: .5rem 0 .2rem; }
.app-card fieldset label { display: flex; align-items: flex-start; gap: .6rem; padding: .35rem 0; }
.app-card fieldset input { width: 1.25rem; height: 1.25rem; margin: .15rem 0 0; flex: none; accent-color: var(--link); }
.app-suites small { display: block; color: var(--quiet); font-size: .9rem; }
.app-suites:disabled label { color: var(--quiet); }
.app-why { color: var(--open); margin: .2rem 0; }
.app-row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: .6rem 1.2rem; margin: .4rem 0 .6rem; align-items: end; }
.app-row label, .app-card details label { display: grid; gap: .25rem; font-size: .95rem; }
.app-card :is(select, input[type="number"], input[type="text"]) { font: inherit; width: 100%; min-width: 0; padding: .5rem .6rem; border: 1px solid var(--mark, #7d858d); border-radius: 6px; background: var(--ground); color: var(--text); }
:is(.app-card, .app-runs) button { font: inherit; padding: .5rem 1rem; min-height: 2.75rem; border: 1px solid var(--link); border-radius: 6px; background: var(--ground); color: var(--link); cursor: pointer; }
#app-start { background: var(--link); color: var(--ground); font-weight: 600; min-width: 10rem; }
:is(.app-card, .app-runs) button:disabled { opacity: .45; cursor: not-allowed; }
:is(button, select):focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.app-buttons { display: flex; flex-wrap: wrap; gap: .5rem; max-width: none; }
@media (max-width: 600px) { .app-buttons button { flex: 1 1 auto; } }
.app-card progress { width: 100%; height: .8rem; accent-color: var(--link); }
#app-state { margin: .2rem 0 .5rem; }
[data-state="measuring"] #app-status { min-height: 3.1em; }
#app-status { font-variant-numeric: tabular-nums; max-width: none; }
#app-log { max-height: 14rem; overflow: auto; padding-left: 2rem; }
.app-runs { list-style: none; padding: 0; }
.app-runs li { border-top: 1px solid var(--line); padding: .6rem 0; display: grid; gap: .4rem; }
.app-row :is(select, input) { height: 2.75rem; }
#app-report:not(:empty) { border-top: 4px solid var(--line); margin-top: 2rem; padding-top: 1rem; }
`;

/// The style of the page, for phone, desk and paper.
///
/// One narrow column on a phone, a wider one on a desk; light or dark as the reader's system says.
enum PageStyle {
    static let rules = """
        :root{color-scheme:light dark;\(Palette.lightRules);--card:#f4f5f7;--quiet:#5b636b;\
        --good:#00714f;--bad:#b23c00;--link:#005a8f}
        @media(prefers-color-scheme:dark){:root{\(Palette.darkRules);--card:#20252a;\
        --quiet:#a3abb3;--good:#3fd3a4;--bad:#ff9a5c;--link:#7cc4f5}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
        body{margin:0;background:var(--paper);color:var(--ink);\
        font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
        main{max-width:56rem;margin:0 auto;padding:1.25rem 1rem 4rem}
        article+article{margin-top:4rem;border-top:2px solid var(--faint);padding-top:2rem}
        header{margin-bottom:2.5rem}
        h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}
        h3{font-size:1.25rem;line-height:1.3;margin:0 0 .75rem}
        h4{font-size:1rem;margin:0 0 .25rem}
        a{color:var(--link)}
        article>section{margin-top:2.5rem;scroll-margin-top:1rem}
        .verdict{border-left:.4rem solid var(--grey);padding:.25rem 0 .25rem 1rem;margin-top:0}
        .verdict.good{border-color:var(--good)}
        .verdict.bad{border-color:var(--bad)}
        .verdict .name{margin:0;color:var(--quiet);overflow-wrap:anywhere}
        .sentence{font-size:clamp(1.35rem,4.5vw,1.9rem);line-height:1.25;margin:.35rem 0;\
        overflow-wrap:anywhere;text-wrap:pretty}
        .reason{color:var(--bad);margin:.25rem 0;overflow-wrap:anywhere}
        .badge{display:inline-block;font-size:.8rem;font-weight:700;letter-spacing:.04em;\
        padding:.05rem .5rem;border:1.5px solid;border-radius:1rem;white-space:nowrap}
        .badge.good{color:var(--good)}
        .badge.bad{color:var(--bad)}
        .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.75rem;\
        margin-top:1.5rem!important}
        .key{background:var(--card);border-radius:.6rem;padding:.75rem .9rem;display:flex;\
        flex-direction:column;gap:.15rem}
        .key strong{font-size:1.5rem;line-height:1.2}
        .key .what,.key .reference{color:var(--quiet);font-size:.85rem;line-height:1.35}
        .meter{display:block;height:.35rem;border-radius:1rem;background:var(--faint);\
        margin:.25rem 0;overflow:hidden}
        .meter span{display:block;height:100%;background:var(--blue)}
        p,figcaption,.key,nav li{overflow-wrap:anywhere}
        nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;\
        margin:1.5rem 0 0;font-size:.9rem}
        figure{margin:0 0 1.75rem}
        figcaption{color:var(--quiet);font-size:.9rem;margin-top:.25rem;max-width:46rem}
        .picture svg{display:block;width:100%;height:auto;color:var(--ink)}
        .picture.narrow{display:none}
        details{margin-top:.4rem}
        summary{cursor:pointer;color:var(--link);font-size:.9rem;padding:.15rem 0}
        .table{overflow-x:auto;margin:.5rem 0 1rem;max-width:100%}
        table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
        th,td{padding:.3rem .75rem .3rem 0;text-align:left;vertical-align:top;\
        border-bottom:1px solid var(--faint)}
        .facts td:first-child{white-space:nowrap;color:var(--quiet)}
        .facts td:last-child{overflow-wrap:anywhere}
        th{font-weight:600;color:var(--quiet);vertical-align:bottom}
        th:last-child,td:last-child{padding-right:0}
        .number{text-align:right;white-space:nowrap}
        th.number{white-space:normal;overflow-wrap:normal}
        td.endless{overflow-wrap:anywhere;min-width:7rem}
        td.good{color:var(--good)}
        td.bad{color:var(--bad)}
        .notes{padding-left:1.2rem}
        .notes li{margin:.35rem 0;overflow-wrap:anywhere}
        .missing{background:var(--card);border-left:.4rem solid var(--orange);padding:.6rem .9rem;\
        margin:0 0 1.5rem}
        code{font-size:.9em;overflow-wrap:anywhere}
        @media(max-width:40rem){.picture.wide{display:none}.picture.narrow{display:block}\
        .figures{grid-template-columns:1fr}table{font-size:.8rem}\
        th,td{padding-right:.5rem}\
        .broad thead{display:none}.broad,.broad tbody{display:block;width:100%}\
        .broad tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--faint)}\
        .broad td{display:flex;justify-content:space-between;gap:1rem;border:0;padding:.05rem 0;\
        text-align:right;white-space:normal;overflow-wrap:anywhere}\
        .broad td::before{content:attr(data-title);color:var(--quiet);text-align:left;\
        overflow-wrap:normal}}
        @media print{.picture.wide{display:block}.picture.narrow{display:none}nav{display:none}\
        article>section{break-inside:avoid-page}}
        """
}

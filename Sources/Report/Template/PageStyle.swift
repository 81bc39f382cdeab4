/// The style of the page, for phone, desk and paper.
///
/// One narrow column on a phone, a wider one on a desk; light or dark as the reader's system says, and
/// light on paper.
enum PageStyle {
    static let rules = """
        :root{color-scheme:light dark;\(light)}
        @media(prefers-color-scheme:dark){:root{\(dark)}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
        body{margin:0;background:var(--paper);color:var(--ink);\
        font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
        main{max-width:58rem;margin:0 auto;padding:2rem 1.25rem 4rem}
        a{color:var(--link)}
        \(text)
        \(figures)
        \(tables)
        @media(max-width:40rem){\(phone)}
        @media print{\(paper)}
        """

    private static let light = """
        \(Palette.lightRules);--card:#f4f6f8;--quiet:#5b636b;--good:#00714f;--bad:#b23c00;\
        --doubt:#8a5a00;--link:#005a8f
        """

    private static let dark = """
        \(Palette.darkRules);--card:#20252a;--quiet:#a3abb3;--good:#3fd3a4;--bad:#ff9a5c;\
        --doubt:#f0b84a;--link:#7cc4f5
        """

    /// Verdict, headings, paragraphs, lists.
    private static let text = """
        article+article{margin-top:4rem;border-top:2px solid var(--faint);padding-top:2.5rem}
        header{margin-bottom:3rem}
        h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}
        .lead{max-width:46rem;margin:0 0 .75rem}
        h3{font-size:1.3rem;line-height:1.3;margin:0 0 .75rem;letter-spacing:-.01em}
        h4{font-size:1rem;line-height:1.35;margin:0 0 .35rem}
        article>section{margin-top:3.25rem;scroll-margin-top:1rem}
        .verdict{border-left:.4rem solid var(--grey);padding:.1rem 0 .1rem 1.1rem;\
        margin-top:0!important}
        .verdict.good{border-color:var(--good)}
        .verdict.bad{border-color:var(--bad)}
        .verdict p{margin:.35rem 0}
        .verdict .name{margin-top:0;color:var(--quiet);font-size:.9rem;overflow-wrap:anywhere}
        .sentence{font-size:clamp(1.35rem,4vw,1.85rem);line-height:1.25;letter-spacing:-.015em;\
        margin:.5rem 0 .75rem;overflow-wrap:anywhere;text-wrap:pretty}
        .reason{color:var(--bad);overflow-wrap:anywhere}
        .context{color:var(--quiet);font-size:.9rem;line-height:1.45}
        .context span{display:block;overflow-wrap:anywhere}
        .caution a{color:var(--doubt);font-size:.9rem;font-weight:600}
        .badge{display:inline-block;font-size:.75rem;font-weight:700;letter-spacing:.05em;\
        padding:.1rem .6rem;border-radius:1rem;white-space:nowrap;margin-right:.35rem;\
        color:var(--paper);background:var(--grey)}
        .badge.good{background:var(--good)}
        .badge.bad{background:var(--bad)}
        p,figcaption,.key,nav li{overflow-wrap:anywhere}
        section>p:not(.context){max-width:46rem}
        nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;padding:.75rem 0;\
        margin:1.5rem 0 0;font-size:.875rem;border-top:1px solid var(--faint);\
        border-bottom:1px solid var(--faint)}
        nav a{text-decoration:none}
        nav a:hover{text-decoration:underline}
        .notes{padding-left:1.2rem;max-width:48rem}
        .notes li{margin:.5rem 0;overflow-wrap:anywhere}
        .missing{background:var(--card);border-left:.4rem solid var(--orange);padding:.6rem .9rem;\
        margin:0 0 1.5rem}
        code{font-size:.9em;overflow-wrap:anywhere}
        .notes code{white-space:nowrap}
        """

    /// Key figures and pictures.
    private static let figures = """
        .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(15.5rem,1fr));\
        gap:.75rem;margin-top:1.75rem!important}
        .figures:not(:has(.key)){display:none}
        .key{background:var(--card);border-radius:.6rem;padding:.85rem 1rem;display:flex;\
        flex-direction:column;gap:.15rem}
        .key strong{font-size:1.75rem;line-height:1.2;letter-spacing:-.02em}
        .key .unit{font-size:1rem;font-weight:500;letter-spacing:0}
        .key .what{font-size:.85rem;line-height:1.35;font-weight:600}
        .key .reference{color:var(--quiet);font-size:.82rem;line-height:1.4}
        .meter{display:block;position:relative;height:.4rem;border-radius:1rem;\
        background:var(--faint);margin:.35rem 0;overflow:hidden}
        .meter span{display:block;position:absolute;top:0;bottom:0}
        .meter .reached{left:0;background:var(--blue)}
        .meter .band{background:var(--ink);opacity:.55}
        .pair{display:grid;grid-template-columns:1fr 1fr;gap:0 2rem}
        figure{margin:0 0 2rem;min-width:0}
        figcaption{color:var(--quiet);font-size:.875rem;line-height:1.45;margin-top:.35rem;\
        max-width:46rem}
        .picture svg{display:block;width:100%;height:auto;color:var(--ink)}
        .picture.narrow{display:none}
        .given div{overflow-x:auto}
        .given img{display:block;width:100%;height:auto}
        details{margin-top:.4rem}
        summary{cursor:pointer;color:var(--link);font-size:.875rem;padding:.15rem 0}
        """

    private static let tables = """
        .table{overflow-x:auto;margin:.5rem 0 1rem;max-width:100%}
        table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
        th,td{padding:.35rem .9rem .35rem 0;text-align:left;vertical-align:top;\
        border-bottom:1px solid var(--faint)}
        header table{width:100%}
        header td:nth-child(3){white-space:nowrap}
        .facts thead{display:none}
        .facts td:first-child{white-space:nowrap;color:var(--quiet)}
        .facts td:last-child{overflow-wrap:anywhere}
        th{font-weight:600;color:var(--quiet);vertical-align:bottom}
        th:last-child,td:last-child{padding-right:0}
        .number{text-align:right;white-space:nowrap}
        th.number{white-space:normal;overflow-wrap:normal}
        td.endless{overflow-wrap:anywhere;min-width:7rem}
        td.good{color:var(--good)}
        td.bad{color:var(--bad)}
        """

    private static let phone = """
        main{padding:1.25rem 1rem 3rem}\
        .picture.wide{display:none}.picture.narrow{display:block}\
        .given img{width:36rem}\
        .pair{grid-template-columns:1fr}table{font-size:.8rem}\
        .figures{grid-template-columns:1fr 1fr;gap:.5rem}.key{padding:.7rem .75rem}\
        .key:first-child{grid-column:1/-1}\
        .key strong{font-size:1.4rem}.key:first-child strong{font-size:1.9rem}\
        .key .unit{font-size:.85rem}.key .what,.key .reference{font-size:.78rem}\
        th,td{padding-right:.5rem}\
        article>section{margin-top:2.5rem}\
        .broad thead{display:none}.broad,.broad tbody{display:block;width:100%}\
        .broad td.absent{display:none}\
        .broad tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--faint)}\
        .broad td:not(.absent){display:flex;justify-content:space-between;gap:1rem;border:0;\
        padding:.05rem 0;\
        text-align:right;white-space:normal;overflow-wrap:anywhere}\
        .broad td::before{content:attr(data-title);color:var(--quiet);text-align:left;\
        overflow-wrap:normal}
        """

    /// Closed tables stay closed: the record has their numbers.
    private static let paper = """
        :root{color-scheme:light;\(light)}\
        *{-webkit-print-color-adjust:exact;print-color-adjust:exact}\
        body{font-size:11pt}main{max-width:none;padding:0}\
        .picture.wide{display:block}.picture.narrow{display:none}\
        nav,details:not([open]),.download{display:none}\
        .figures{grid-template-columns:repeat(3,1fr)}.key strong{font-size:1.4rem}\
        .pair{grid-template-columns:1fr 1fr}\
        article>section{margin-top:1.75rem}article+article{break-before:page;border:0}\
        figure,.key,.verdict,tr{break-inside:avoid}\
        h3,h4{break-after:avoid}\
        table{font-size:8.5pt}
        """
}

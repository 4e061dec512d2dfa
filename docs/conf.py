"""The documentation site: `make docs` builds it into build/docs, offline, and it reads from files without a server."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent / "_ext"), str(Path(__file__).parent.parent)]

project = "SeaX toolkit"
author = "The SeaX toolkit authors"
project_copyright = "2026, The SeaX toolkit authors, Apache License 2.0"
release = version = version_of("seax-toolkit")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "sphinx_design",
    "copied_pages",
    "docstrings",
    "generated_pages",
    "llms_txt",
    "search_from_files",
]
exclude_patterns = ["_ext"]
nitpicky = False

# Notebooks are shown as they were kept: nothing runs while the site is built, and no widget asks another machine for
# its scripts.
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}
nb_merge_streams = True
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_default_options = {"exclude-members": "model_config, model_post_init"}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
add_module_names = False
toc_object_entries_show_parents = "hide"

templates_path: list[str] = []
html_theme = "furo"
html_title = "SeaX toolkit"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_logo = html_favicon = "_static/mark.svg"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_use_index = True
pygments_style = "github-light"
pygments_dark_style = "github-dark"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#115293",
        "color-brand-content": "#115293",
        "color-brand-visited": "#115293",
        "color-background-secondary": "#f7f8fa",
        "font-stack": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
        "font-stack--monospace": "ui-monospace, 'SFMono-Regular', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8cbdf0",
        "color-brand-content": "#8cbdf0",
        "color-brand-visited": "#8cbdf0",
    },
    "footer_icons": [],
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
suppress_warnings = ["mystnb.unknown_mime_type"]

"""Rules: what `plugbay check` looks for, each by its code; the one place that says what it means.

The page docs/checks.md, the JSON and the SARIF of a report are made of this table.
"""

from dataclasses import dataclass

__all__ = ["ERROR", "NOTE", "PAGE", "RULES", "WARNING", "Rule"]

ERROR, WARNING, NOTE = "error", "warning", "note"

# Where each code is explained, below a heading of its name.
PAGE = "docs/checks.md"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that may be wrong; `why` is what comes of it, `remedy` what mends it.

    `installed` is its severity where a distribution is looked at that is installed, and whoever
    looks cannot change what its author decided.
    """

    code: str
    severity: str
    title: str
    why: str
    remedy: str
    installed: str

    @property
    def page(self) -> str:
        """The place in the documentation."""
        return f"{PAGE}#{self.code.lower()}"


_TABLE = """
PB101 error
a table or key has a name that build backends pass over
They build without a word, and the entry points are not in what they built.
Write the name as it is in the specification of pyproject.toml.

PB102 error
a key of [project] is not known
Some build backends refuse it and others drop it, so that what it says is lost.
Use a key of the specification of pyproject.toml, or move it to a [tool] table.

PB103 error
a group is not one that its host reads
The host never looks there, so the plugin is installed and nobody finds it.
Name the group as the host does.

PB104 error
a group or plugin has a name that entry_points.txt cannot hold
It is read back as another name or not at all, or the build backend refuses it.
Use letters, digits, dots, dashes and underscores, and no dashes in the name of a group.

PB105 error
the entry points are not groups of names and texts
Build backends refuse it, or drop it without a word.
Write [project.entry-points."GROUP"] with lines of NAME = "module:attribute".

PB106 error
scripts stand among the entry points
The specification reserves these groups, and build backends refuse them there.
Write [project.scripts] or [project.gui-scripts].

PB107 error
there is no project that could be read
Nothing can be built of it.
Mend pyproject.toml, or name the folder that has it.

PB108 note
the entry points are not in pyproject.toml
They are only known once it is built, so nothing was said about them here.
Build it, and check the wheel.

PB201 error
a value is no object reference
Hosts cannot load it, and some programs fail over it that have nothing to do with the plugin.
Write module:attribute, with a module that could be imported.

PB202 error
there is no such module
The host fails to import the plugin.
Name the module that has the plugin, or put it where the value says.

PB203 error
the module has no such attribute
The import succeeds and the host fails to get the plugin from it.
Name what the module defines.

PB204 note
the text of the module does not tell whether the attribute is there
It may be made while the module runs.
Check with --import, which runs it.

PB205 error
the module is not Python
The host fails to import the plugin.
Mend the line, or require a Python that reads it by requires-python.

PB206 error
an entry point names an extra that the distribution has not
What the extra should bring along is never installed.
Define the extra in [project.optional-dependencies], or leave it out.

PB207 error
a script names no function
The installed command fails when it is started.
Write module:function.

PB301 warning note
it does not say which versions of the host it works with
It is installed with hosts that it does not work with, and fails there in its own way.
Depend on a range of the host, or name the range under an extra or in a manifest.

PB302 warning note
there is no oldest version of the host
Old hosts that lack what the plugin uses are taken for good.
Give the first version that it works with, such as '>=1.2'.

PB303 note
there is no newest version of the host
It is also installed with a host that has changed what the plugin uses.
Name the next major version of the host as the end, or rely on what the host promises.

PB304 error
what it declares for a host excludes itself
No version of the host can satisfy it, so the plugin can be used nowhere.
Make one range of it.

PB305 warning note
it is for one version of the host only
Each release of the host needs one of the plugin, and two such plugins exclude each other.
Give a range, such as '>=1.2,<2'.

PB306 error
a declaration cannot be read
Installers refuse it, or the host refuses the plugin.
Write clauses such as '>=1.2,<2'.

PB307 warning
it is not for the version of the host that is here
This host refuses it.
Extend the range if the plugin works with this version, or check against another with --api.

PB308 warning note
it says that it runs on a Python on which the host does not
It is offered to people who cannot use it.
Write the same requires-python as the host.

PB401 error
a module of the project is not in what was built
The plugin works from the source tree and is missing where it is installed.
Tell the build backend to include it.

PB402 warning
a file of a package is not in what was built
The code finds it in the source tree and not where it is installed.
Tell the build backend to include it as package data.

PB403 error
the wheel installs a package called src
Modules are there as src.package, and nothing imports them by that name.
Tell the build backend that the packages are in the folder src.

PB404 error note
the wheel installs a common name at the top level
It overwrites, or is overwritten by, the files of another distribution.
Exclude the folder, or move it into the package.

PB405 error
the files do not fit RECORD
Installers refuse it or leave files behind, or what is installed was damaged later.
Build, or install, it anew.

PB406 error
the metadata is damaged
Tools that read it fail, some of them for every distribution of the environment.
Build, or install, it anew.

PB407 error
what was built has other entry points than the project
It was built of something else, or the build backend has dropped them.
Build it anew, and see what the other findings say.

PB501 warning
another installed distribution has a plugin of this name
One of them wins, and the other one is not there for the host.
Choose another name, or uninstall one of them.

PB502 warning
the distribution is installed more than once
The first one on the path hides the others, and is not always the newest.
Uninstall it until it is gone, and install it anew.

PB503 warning
old metadata is in the source tree
Where the tree is on the path it hides what is installed, entry points and all.
Delete the folder.

PB504 warning
the installed metadata is older than the project
What was changed in pyproject.toml does not count before it is installed again.
Install the project again.

PB601 error
the manifest cannot be used
The host leaves out what it cannot read, or refuses the plugin.
Mend what the message names.

PB602 error
the manifest is not there
The host refuses the plugin, since it cannot know what the manifest demands.
Include the file as package data, or drop the entry point that names it.

PB603 error
the manifest speaks of a plugin that is none
What it says there counts for nobody.
Name the plugin as its entry point does.

PB604 warning
the manifest and the code name different hooks
Hosts take the manifest at its word, and call the wrong ones.
Make the two say the same.

PB605 warning
the manifest in the package is not what the project says by now
Hosts read what was true when it was written.
Run plugbay manifest --write.

PB701 error
the target cannot be imported
The host fails to load the plugin.
See the last line of what was raised.

PB702 warning
the import is slow
Whoever starts the host waits for it, whether the plugin is used or not.
Import what is heavy within the functions that use it.

PB703 warning
the import prints
It gets in between what the host prints, and breaks what is read by programs.
Log it, or leave it out.

PB704 warning
the import writes files
It fails where nothing may be written, and leaves something behind wherever it is listed.
Write when the plugin is used.

PB705 warning
the import uses the network
It hangs or fails where there is none.
Connect when the plugin is used.

PB706 warning
the import starts processes
It is slow, and fails where the program is not there.
Start them when the plugin is used.

PB707 warning
the import starts threads
They go on in every program that looks at the plugin, and keep some from forking or ending.
Start them when the plugin is used.

PB708 warning
the import changes the process for everybody
Another plugin, or the host, no longer gets what it expects.
Leave the environment, sys.path, warning filters, log handlers and signals to the host.
"""


def _rules() -> "dict[str, Rule]":
    rules = {}
    for block in _TABLE.strip().split("\n\n"):
        head, title, why, remedy = block.split("\n")
        code, severity, *installed = head.split()
        rule = Rule(code, severity, title, why, remedy, (installed or [severity])[0])
        rules[code] = rule
    return rules


RULES = _rules()

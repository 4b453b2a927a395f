using System.Runtime.CompilerServices;
#if UNITY_5_3_OR_NEWER
using UnityEngine.Scripting;

// Beside link.xml, which Unity heeds in projects and not in packages.
[assembly: AlwaysLinkAssembly]
[assembly: Preserve]
#endif

[assembly: InternalsVisibleTo("Functions.Tests")]

using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeRoute.Engine.Board;

/// <summary>The machine: what it is, what its processor can do, how much memory it has. Null where the machine does not tell.</summary>
/// <param name="Release">The Jetson Linux release, from /etc/nv_tegra_release.</param>
/// <param name="PowerMode">A Jetson's power mode by id and name. The ids differ between images.</param>
/// <param name="CpuFeatures">Instruction sets that matter to inference, by the kernel's names.</param>
/// <param name="MemoryAvailableBytes">What could be allocated now without swapping; shared with the GPU on a Jetson.</param>
public sealed record BoardIdentity(
    string? Model, string? Release, string? PowerMode, string Kernel, string Architecture, string? CpuModel, int CpuCount,
    IReadOnlyList<string> CpuFeatures,
    long? MemoryTotalBytes, long? MemoryAvailableBytes)
{
    private static readonly string[] KnownFeatures =
    [
        "sse4_2", "avx", "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx_vnni", "avx512_vnni", "amx_int8",
        "asimd", "asimdhp", "asimddp", "i8mm", "bf16", "sve", "sve2",
    ];

    /// <summary>
    /// x64 processors without VNNI add two products of bytes in 16 bits. Those of 8-bit weights can be too large for that, and what is
    /// above is cut off; those of 7-bit weights never are.
    /// </summary>
    public bool CutsSumsOfBytes => Architecture == "x64" && !CpuFeatures.Any(f => f.EndsWith("_vnni", StringComparison.Ordinal));

    public static BoardIdentity Read(SystemFiles files)
    {
        string cpu = files.TryRead("/proc/cpuinfo", out _) ?? "", memory = files.TryRead("/proc/meminfo", out _) ?? "";
        string[] flags = (FieldOf(cpu, "flags") ?? FieldOf(cpu, "Features") ?? "").Split(' ');
        return new BoardIdentity(
            files.TryRead("/proc/device-tree/model", out _) ?? files.TryRead("/sys/class/dmi/id/product_name", out _),
            ReleaseOf(files.TryRead("/etc/nv_tegra_release", out _)),
            PowerModeOf(files),
            RuntimeInformation.OSDescription,
            RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            FieldOf(cpu, "model name"),
            cpu.Split('\n').Count(line => line.StartsWith("processor", StringComparison.Ordinal)),
            [.. KnownFeatures.Where(flags.Contains)],
            BytesOf(memory, "MemTotal"),
            BytesOf(memory, "MemAvailable"));
    }

    /// <summary>"# R36 (release), REVISION: 4.4, GCID: ..." gives "R36.4.4".</summary>
    private static string? ReleaseOf(string? text)
    {
        string[] parts = (text ?? "").Split(',');
        string major = parts[0].TrimStart('#', ' ').Split(' ')[0];
        string? revision = parts.Select(p => p.Trim())
            .FirstOrDefault(p => p.StartsWith("REVISION:", StringComparison.Ordinal))?["REVISION:".Length..].Trim();
        return revision is null ? text : $"{major}.{revision}";
    }

    /// <summary>The active id is readable without root; its name is in the catalogue of the image.</summary>
    internal static string? PowerModeOf(SystemFiles files)
    {
        string? status = files.TryRead("/var/lib/nvpmodel/status", out _);
        if (status is null || !int.TryParse(status[(status.IndexOf(':') + 1)..], CultureInfo.InvariantCulture, out int id))
        {
            return null;
        }

        string catalogue = files.TryRead("/etc/nvpmodel.conf", out _) ?? "";
        string? entry = catalogue.Split('\n').FirstOrDefault(l => l.Contains("POWER_MODEL", StringComparison.Ordinal)
            && l.Split(' ').Contains($"ID={id}"));
        string? name = entry?.Split(' ').FirstOrDefault(w => w.StartsWith("NAME=", StringComparison.Ordinal))?["NAME=".Length..];
        return string.Create(CultureInfo.InvariantCulture, $"{name ?? "unnamed"} (id {id})");
    }

    internal static string? FieldOf(string text, string key) => text.Split('\n')
        .FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal) && line.Contains(':'))?.Split(':', 2)[1].Trim();

    internal static long? BytesOf(string memory, string key) =>
        long.TryParse(FieldOf(memory, key)?.Replace(" kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out long kib)
            ? kib * 1024 : null;
}

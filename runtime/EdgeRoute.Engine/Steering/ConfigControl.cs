using System.Security.Cryptography;
using System.Text;
using EdgeRoute.ControlChannel.Serving;
using EdgeRoute.Documents;
using EdgeRoute.Documents.Configs;
using EdgeRoute.Interop.Linux;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// The device config file: read, checked and replaced. The file before is kept beside it under <see cref="PreviousEnding"/>.
/// </summary>
internal sealed class ConfigControl(string path)
{
    public const string PreviousEnding = ".previous";

    /// <exception cref="RpcRefusedException">The file cannot be read, or holds what the caller may not see.</exception>
    public ConfigReply Read(DeviceConfig config, bool isEffective, ControlCaller caller)
    {
        if (isEffective || !caller.IsAdmin)
        {
            // The file as written may hold passwords of cameras; all but admins see the effective config, where they are hidden.
            string text = caller.IsAdmin ? config.Effective() : config.Printable();
            return new ConfigReply { Path = path, Text = text, Sha256 = config.HashText() };
        }

        byte[] bytes = ReadFile();
        return new ConfigReply { Path = path, Text = Encoding.UTF8.GetString(bytes), Sha256 = HashOf(bytes) };
    }

    /// <summary>The file as its owner wrote it.</summary>
    /// <exception cref="RpcRefusedException">The file cannot be read.</exception>
    public string ReadText() => Encoding.UTF8.GetString(ReadFile());

    /// <summary>Checks a config that is to replace the one in force; null where it has problems, which the reply holds.</summary>
    /// <exception cref="RpcRefusedException">The file changed since it was read, or cannot be read.</exception>
    public (ConfigPutReply Reply, DeviceConfig? Config) Check(ConfigPutRequest request)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(request.Text);
        if (bytes.Length > ConfigLimits.FileBytes)
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest,
                $"the config has {bytes.Length} bytes; at most {ConfigLimits.FileBytes} are read");
        }

        string now = HashOf(ReadFile());
        if (request.BaseSha256.Length > 0 && request.BaseSha256 != now)
        {
            throw new RpcRefusedException(RpcErrorCode.Conflict,
                "the config on the device is not the one that was edited: somebody changed it meanwhile",
                "pull it again ('edgeroute config pull'), edit, and push");
        }

        var reading = DeviceConfigReader.ReadText(request.Text, path);
        var reply = new ConfigPutReply { Problems = [.. reading.Problems.Select(p => p.ToString()!)], Sha256 = now };
        return (reply, reading.Config);
    }

    /// <summary>Writes a config that was checked; it is on probation from then on.</summary>
    /// <exception cref="RpcRefusedException">It cannot be written; the one before is in its place.</exception>
    public ConfigPutReply Replace(ConfigPutRequest request, ConfigPutReply reply)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(request.Text);
        Replace(bytes);
        (reply.IsWritten, reply.Restarts, reply.Sha256) = (true, request.Restarts, HashOf(bytes));
        return reply;
    }

    /// <summary>Puts the config before back; false where there is none, or the disk does not let it.</summary>
    public static bool TryRestore(string path)
    {
        try
        {
            if (!File.Exists(path + PreviousEnding))
            {
                return false;
            }

            File.Move(path + PreviousEnding, path, overwrite: true);
            PrivateFile.Settle(path);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Replace(byte[] bytes)
    {
        string fresh = path + ".new";
        try
        {
            WriteThrough(fresh, bytes);

            var probation = new ConfigProbation(path);
            KeepBefore(probation);
            probation.Begin(bytes);
            File.Move(fresh, path, overwrite: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Remove(fresh);
            Remove(path + PreviousEnding + ".new");
            throw new RpcRefusedException(RpcErrorCode.Failed, $"the config '{path}' cannot be written: {refused.Message}",
                "the service needs write access to the config's folder (systemd: ReadWritePaths=)");
        }

        try
        {
            PrivateFile.Settle(path);
        }
        catch (IOException)
        {
            // The new config is in its place; only a power cut right now would bring the one before back.
        }
    }

    /// <summary>The config before is whole on the disk under its other name before its own name is given to the new one.</summary>
    private void KeepBefore(ConfigProbation probation)
    {
        string before = path + PreviousEnding;
        if (probation.IsOn && File.Exists(before))
        {
            // What has not proved itself is nothing to go back to; the one before it is.
            return;
        }

        WriteThrough(before + ".new", DocumentFile.Read(path, ConfigLimits.FileBytes));
        File.Move(before + ".new", before, overwrite: true);
        PrivateFile.Settle(before);
    }

    private static void Remove(string beside)
    {
        try
        {
            File.Delete(beside);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // What the folder does not let go of is written over the next time; the first refusal is the one to tell.
        }
    }

    private void WriteThrough(string fresh, byte[] bytes)
    {
        using var file = RegularFile.Create(fresh);
        if (!OperatingSystem.IsWindows())
        {
            // A config may hold passwords of cameras: who could not read the old one does not read the new one.
            File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(path));
        }

        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    private byte[] ReadFile()
    {
        try
        {
            return DocumentFile.Read(path, ConfigLimits.FileBytes);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new RpcRefusedException(RpcErrorCode.Failed, $"the config '{path}' cannot be read: {refused.Message}");
        }
    }

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

using EdgeRoute.Documents.Configs;
using EdgeRoute.Engine.Running;
using EdgeRoute.Protocol.Control;
using EdgeRoute.Protocol.Rpc;

namespace EdgeRoute.Engine.Steering;

/// <summary>
/// Writes a change of sources into the config file as <c>config.put</c> does: the file before is kept beside it, and the new one is on
/// probation at the next start. Only the lines of the source itself are touched.
/// </summary>
internal sealed class SourceSaving(RunningEngine engine)
{
    private readonly ConfigControl _config = new(engine.State.Config.FilePath);

    /// <summary>Whether there is anything to save, and can be; nothing is written yet.</summary>
    /// <param name="after">Null takes the source out.</param>
    /// <param name="effects">Gets what becomes of comments, in words.</param>
    /// <exception cref="RpcRefusedException">It cannot be written there by itself.</exception>
    public bool Check(string name, SourceConfig? after, List<string> effects)
    {
        string path = engine.State.Config.FilePath;
        bool isToSave = TextWith(name, after, effects) is not null;
        if (isToSave && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder
            && Problem(() => ConfigTrial.TryWrite(folder)) is { } why)
        {
            throw new RpcRefusedException(RpcErrorCode.Failed, $"it cannot be saved in {path}: {why}",
                "the service needs write access to the config's folder (systemd: ReadWritePaths=)");
        }

        return isToSave;
    }

    /// <summary>The file as it is now, with the change in it; null where it says so already.</summary>
    private string? TextWith(string name, SourceConfig? after, List<string> effects)
    {
        string path = engine.State.Config.FilePath, now = _config.ReadText();
        var there = DeviceConfigReader.ReadText(now, path, checkPaths: false).Config;
        if (after is null && there?.Sources.Any(s => s.Name == name) == false)
        {
            effects.Add($"the config file {path} does not have it");
            return null;
        }

        var edit = SourceFileEdit.Edit(now, path, name, after is null ? null : SourceText.Of(engine.State.Config, after));
        if (edit.Problem is { } problem)
        {
            throw new RpcRefusedException(RpcErrorCode.BadRequest, $"it cannot be saved in {path}: {problem}",
                "leave '--save' out to have it until the device starts again");
        }

        if (edit.CommentLineCount > 0)
        {
            effects.Add($"{edit.CommentLineCount} line(s) with comments inside the source's own lines go; the file before stays as "
                + path + ConfigControl.PreviousEnding);
        }

        return edit.Text;
    }

    /// <summary>What came of it, in words: the change itself is in force already.</summary>
    public string Save(string name, SourceConfig? after)
    {
        try
        {
            if (TextWith(name, after, []) is { } text)
            {
                _config.Replace(new ConfigPutRequest { Text = text }, new ConfigPutReply());
            }

            return $"saved in {engine.State.Config.FilePath}";
        }
        catch (RpcRefusedException refused)
        {
            engine.Reports.Warn($"a source that was changed is not saved: {refused.Message}");
            return $"in force, and NOT saved: {refused.Message}";
        }
    }

    private static string? Problem(Action trial)
    {
        try
        {
            trial();
            return null;
        }
        catch (IOException refused)
        {
            return refused.Message;
        }
    }
}
